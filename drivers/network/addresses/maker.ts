import { readFileSync } from 'node:fs';
import { hasCode } from '../../../src/errors.ts';

/** This boot of the machine: what was leased before it is nobody's. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** The process that made something: `PID:START TIME`, which no other process of this boot has. */
export function thisProcess(): string {
  return `${process.pid}:${startTime('self')}`;
}

export function isAlive(maker: string): boolean {
  const [pid = '', start] = maker.split(':');
  return startTime(pid) === start;
}

/** In ticks since the boot: the 22nd field, counted behind the name, which may hold anything (proc(5)). */
function startTime(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

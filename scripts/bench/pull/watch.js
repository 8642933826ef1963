// One command, with what it costs: time, and of a process the CPU and the peak of its memory.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { environment } from '../measure.js';

const TICKS_PER_SECOND = 100;
const EVERY_MS = 10;

/**
 * CPU of the process and of its children that have ended, in ms (proc_pid_stat(5)); its largest resident set, without
 * page cache, in bytes (proc_pid_status(5)). Undefined when it has gone.
 */
function look(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return peak && { cpu: (ticks * 1000) / TICKS_PER_SECOND, peak: Number(peak[1]) * 1024 };
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
    throw error;
  }
}

/**
 * Runs the command. `pid` is the process to watch: a daemon's, or the command's own.
 * @returns {Promise<{ms: number, cpu: number, peak: number}>}
 */
export async function watch({ command, env, pid }) {
  const before = pid === undefined ? { cpu: 0 } : look(pid);
  const begin = performance.now();
  const child = spawn(command[0], command.slice(1), {
    env: { ...environment(), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  let seen = before;
  const sample = () => {
    seen = look(pid ?? child.pid) ?? seen;
  };
  const timer = setInterval(sample, EVERY_MS);
  const [status] = await once(child, 'close');
  const ms = performance.now() - begin;
  clearInterval(timer);
  sample();
  if (status !== 0) throw new Error(`${command.join(' ')} failed: ${said}`);
  return { ms, cpu: seen.cpu - before.cpu, peak: seen.peak };
}

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../errors.ts';
import type { ContainerContext } from './context.ts';
import { runningIdentity } from './running.ts';
import type { Container } from './schema.ts';

/** What a container uses at one moment. */
export interface Stats {
  id: string;
  name: string;
  /** Percent of one CPU, over the time of the measurement. */
  cpu: number;
  /** Bytes. */
  memory: number;
  memoryLimit: number;
  received: number;
  sent: number;
  blockRead: number;
  blockWritten: number;
  processes: number;
}

/** Measures for `milliseconds`, all containers at once. */
export async function measure(
  context: ContainerContext,
  containers: Container[],
  milliseconds: number,
): Promise<Stats[]> {
  const before = containers.map((container) => sample(context, container));
  await sleep(milliseconds);
  return containers.map((container, index) => {
    const { cpu, time, ...now } = sample(context, container);
    const earlier = before[index]!;
    const share = (cpu - earlier.cpu) / 1e6 / (time - earlier.time);
    return { id: container.id, name: container.config.name, cpu: Math.max(0, 100 * share), ...now };
  });
}

function sample(context: ContainerContext, container: Container) {
  const { memory, memoryLimit, cpu, ...usage } = context.runtime.usage(container.id);
  const pid = runningIdentity(context, container)?.pid;
  return { time: performance.now(), cpu, memory, memoryLimit, ...usage, ...networkOf(pid) };
}

/** All interfaces of the container's network but lo (proc_pid_net(5), `dev`). */
function networkOf(pid: number | undefined): { received: number; sent: number } {
  const lines = pid === undefined ? [] : readLines(`/proc/${pid}/net/dev`);
  const interfaces = lines.filter((line) => line.includes(':') && !/^\s*lo:/.test(line));
  const column = (line: string, at: number) => Number(line.split(':')[1]!.trim().split(/\s+/)[at]);
  return {
    received: interfaces.reduce((total, line) => total + column(line, 0), 0),
    sent: interfaces.reduce((total, line) => total + column(line, 8), 0),
  };
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EINVAL')) return [];
    throw error;
  }
}

/** What a container uses, as the kernel counts it (cgroup-v1/memory.rst, cgroup-v2.rst). */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { hasCode } from '../../errors.ts';
import { findHierarchies, type Hierarchy } from './hierarchies.ts';
import { directoryOf } from './paths.ts';

export interface CgroupUsage {
  /** CPU time of all its processes so far, in nanoseconds. */
  cpu: number;
  /** Bytes, without the page cache that the kernel can take back. */
  memory: number;
  /** Bytes; the machine's memory without a limit. */
  memoryLimit: number;
  /** Bytes from and to block devices. */
  blockRead: number;
  blockWritten: number;
  processes: number;
}

/** Zero for what has no cgroup. */
export function cgroupUsage(id: string): CgroupUsage {
  const hierarchies = findHierarchies();
  const of = (controller: string) => fileReader(hierarchies, { controller, id });
  return {
    cpu: cpuTime(of('cpuacct')),
    ...memoryUsage(of('memory')),
    ...blockUsage(of('blkio')),
    processes: numberIn(of('pids')('pids.current')),
  };
}

type ReadFile = ((file: string) => string) & { version: 1 | 2 };

/** Reads a container's files of one controller, wherever that is mounted; empty for a file that is not there. */
function fileReader(
  hierarchies: Hierarchy[],
  { controller, id }: { controller: string; id: string },
): ReadFile {
  const old = hierarchies.find(({ controllers }) => controllers.includes(controller));
  const hierarchy = old ?? hierarchies.find(({ version }) => version === 2);
  const read = (file: string) => {
    try {
      return hierarchy ? readFileSync(join(directoryOf(hierarchy, id), file), 'utf8') : '';
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENODEV', 'EOPNOTSUPP')) return '';
      throw error;
    }
  };
  return Object.assign(read, { version: old ? (1 as const) : (2 as const) });
}

function cpuTime(read: ReadFile): number {
  if (read.version === 1) return numberIn(read('cpuacct.usage'));
  return 1000 * field(read('cpu.stat'), 'usage_usec');
}

function memoryUsage(read: ReadFile): { memory: number; memoryLimit: number } {
  const [usage, limit, inactive] =
    read.version === 1
      ? ['memory.usage_in_bytes', 'memory.limit_in_bytes', 'total_inactive_file']
      : ['memory.current', 'memory.max', 'inactive_file'];
  const used = numberIn(read(usage!));
  const cache = field(read('memory.stat'), inactive!);
  const most = numberIn(read(limit!)) || Number.POSITIVE_INFINITY;
  return {
    memory: used > cache ? used - cache : used,
    memoryLimit: used === 0 ? 0 : Math.min(most, totalmem()),
  };
}

function blockUsage(read: ReadFile): { blockRead: number; blockWritten: number } {
  if (read.version === 2) {
    const text = read('io.stat');
    return { blockRead: sum(text, /\brbytes=(\d+)/g), blockWritten: sum(text, /\bwbytes=(\d+)/g) };
  }
  const text = read('blkio.throttle.io_service_bytes_recursive') || read('blkio.throttle.io_service_bytes');
  return { blockRead: sum(text, /Read (\d+)/g), blockWritten: sum(text, /Write (\d+)/g) };
}

/** 0 for `max` and for nothing. */
function numberIn(text: string): number {
  return Number(text) || 0;
}

function field(text: string, name: string): number {
  return numberIn(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? '');
}

function sum(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((total, [, number]) => total + Number(number), 0);
}

import type { Stats } from '../engine.ts';
import { formatBinarySize, formatSize } from './format.ts';
import type { Column, Row } from './template.ts';

export const STATS_COLUMNS: Column[] = [
  ['ID', 'CONTAINER ID'],
  ['Name', 'NAME'],
  ['CPUPerc', 'CPU %'],
  ['MemUsage', 'MEM USAGE / LIMIT'],
  ['MemPerc', 'MEM %'],
  ['NetIO', 'NET I/O'],
  ['BlockIO', 'BLOCK I/O'],
  ['PIDs', 'PIDS'],
];

/** What a container uses as `docker stats` shows it, with docker's JSON keys. */
export function statsRow(stats: Stats, { truncate }: { truncate: boolean }): Row {
  const share = stats.memoryLimit === 0 ? 0 : (100 * stats.memory) / stats.memoryLimit;
  return {
    BlockIO: `${formatSize(stats.blockRead)} / ${formatSize(stats.blockWritten)}`,
    CPUPerc: `${stats.cpu.toFixed(2)}%`,
    Container: truncate ? stats.id.slice(0, 12) : stats.id,
    ID: truncate ? stats.id.slice(0, 12) : stats.id,
    MemPerc: `${share.toFixed(2)}%`,
    MemUsage: `${formatBinarySize(stats.memory)} / ${formatBinarySize(stats.memoryLimit)}`,
    Name: stats.name,
    NetIO: `${formatSize(stats.received)} / ${formatSize(stats.sent)}`,
    PIDs: String(stats.processes),
  };
}

import { chmodSync, closeSync, constants, mkdirSync, openSync } from 'node:fs';
import type { DriverHost } from '../../../src/driver/index.ts';
import { copyTree } from '../../../src/driver/tree.ts';
import type { Paths } from '../named/paths.ts';

/** A snapshot, and the ID of the one that it stands on. */
export interface Stacked {
  id: string;
  below: string | undefined;
}

/** Fills a new snapshot with a copy of the one below. */
export function copyBelow({ syscalls }: DriverHost, paths: Paths, { id, below }: Stacked): void {
  const files = paths.files(id);
  mkdirSync(paths.empty, { recursive: true, mode: 0o755 });
  mkdirSync(files);
  chmodSync(files, 0o755);
  if (below === undefined) return;
  const [from, to] = [paths.files(below), files].map((path) =>
    openSync(path, constants.O_RDONLY | constants.O_DIRECTORY),
  ) as [number, number];
  try {
    copyTree(syscalls, from, to);
  } finally {
    for (const fd of [from, to]) closeSync(fd);
  }
}

import { chmodSync, mkdirSync } from 'node:fs';
import type { DriverHost } from '../../../src/driver/index.ts';
import { copyRootLooks } from '../../../src/driver/tree.ts';
import type { Paths } from '../named/paths.ts';
import type { SnapshotRecord } from '../named/record.ts';

/** The directories of a snapshot. A mounted overlay shows its upper directory's root: it has to look like the one below. */
export function fillOverlay(
  { syscalls }: DriverHost,
  paths: Paths,
  { id, lowers, kind }: { id: string; lowers: string[]; kind: SnapshotRecord['kind'] },
): void {
  mkdirSync(paths.empty, { recursive: true, mode: 0o755 });
  if (kind === 'view') return;
  const files = paths.files(id);
  mkdirSync(files, { mode: 0o755 });
  chmodSync(files, 0o755);
  if (lowers[0] !== undefined) copyRootLooks(syscalls, paths.files(lowers[0]), files);
  mkdirSync(paths.work(id), { mode: 0o700 });
}

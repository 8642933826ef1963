import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import type { Paths } from '../named/paths.ts';
import type { SnapshotRecord } from '../named/record.ts';

/** The directories of a snapshot. A mounted overlay shows its upper directory's root: it has to look like the one below. */
export function fillOverlay(
  paths: Paths,
  { id, lowers, kind }: { id: string; lowers: string[]; kind: SnapshotRecord['kind'] },
): void {
  mkdirSync(paths.empty, { recursive: true, mode: 0o755 });
  if (kind === 'view') return;
  const files = paths.files(id);
  const below = lowers[0] === undefined ? undefined : statSync(paths.files(lowers[0]));
  mkdirSync(files);
  chownSync(files, below?.uid ?? 0, below?.gid ?? 0);
  chmodSync(files, below === undefined ? 0o755 : below.mode & 0o7777);
  mkdirSync(paths.work(id), { mode: 0o700 });
}

/** Snapshots that no image leads to and no container stands on for a moment, and that must stay nevertheless. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hexOf } from '../image/digest.ts';
import { type Store, storePaths } from './layout.ts';

type Place = Pick<Store, 'root'>;
const SUFFIX = '.pin';

const pathOf = (place: Place, name: string) => join(storePaths.ingest(place), `${hexOf(name)}${SUFFIX}`);

/** Keeps a snapshot, whatever becomes of this process, until `unpinSnapshot`. The file's name says it all. */
export function pinSnapshot(place: Place, name: string): void {
  writeFileSync(pathOf(place, name), '', { mode: 0o600 });
}

export function unpinSnapshot(place: Place, name: string): void {
  rmSync(pathOf(place, name), { force: true });
}

/** The names of all snapshots that are kept so. */
export function pinnedSnapshots(place: Place): string[] {
  const files = readdirSync(storePaths.ingest(place)).filter((name) => name.endsWith(SUFFIX));
  return files.map((file) => `sha256:${file.slice(0, -SUFFIX.length)}`);
}

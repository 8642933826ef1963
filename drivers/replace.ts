import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file in one step; what a killed writer leaves is overwritten by the next one. */
export function replace(path: string, text: string): void {
  writeFileSync(`${path}.tmp`, text, { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}

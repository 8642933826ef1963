import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The layout `cache/name`, as `skopeo copy oci:DIRECTORY:TAG` takes it. Where it is not there yet `make(directory)` makes it in
 * `directory/layout`: whole or not at all, whoever else does the same now.
 * @param {string} cache absolute
 * @param {string} name
 * @param {(directory: string) => void} make
 * @returns {string} absolute
 */
export function layoutOnce(cache, name, make) {
  const layout = join(cache, name);
  if (existsSync(layout)) return layout;
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, 'making-'));
  try {
    make(directory);
    renameSync(join(directory, 'layout'), layout);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return layout;
}

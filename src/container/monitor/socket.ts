import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of one container below GOCKER_RUN. */
export function runDirectoryOf(runRoot: string, id: string): string {
  return join(runRoot, id);
}

/**
 * A way to the container's socket that is short enough for a `sun_path` of 108 bytes (unix(7)), wherever the run folder is:
 * good until `close`. Throws ENOENT when there is no such folder, unless it is to be made, mode 0700.
 */
export function openSocketPath(
  runRoot: string,
  id: string,
  { make = false } = {},
): { path: string; close(): void } {
  const directory = runDirectoryOf(runRoot, id);
  if (make) mkdirSync(directory, { recursive: true, mode: 0o700 });
  const fd = openSync(directory, 'r');
  return { path: `/proc/self/fd/${fd}/attach`, close: () => closeSync(fd) };
}

// A file system of its own for what is pulled, so that what the machine's has been through does not count: ext4 without a
// journal, for one, shuns for minutes the inodes of files that were removed, and each round removes forty thousand.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes, of which only what is used is taken. */
const SIZE = 12 * 2 ** 30;

/**
 * @param {string} directory
 * @returns {{directory: string, stop(): void}} where it is mounted, and how to be rid of it
 */
export function mountDisk(directory) {
  const [file, mounted] = [join(directory, 'disk.ext4'), join(directory, 'disk')];
  mkdirSync(mounted);
  execFileSync('truncate', ['--size', String(SIZE), file]);
  execFileSync('mkfs.ext4', ['-q', '-F', file], { stdio: 'pipe' });
  execFileSync('mount', ['-o', 'loop,discard', file, mounted]);
  const stop = () => {
    if (spawnSync('umount', [mounted]).status !== 0) execFileSync('umount', ['--lazy', mounted]);
    rmSync(file);
  };
  return { directory: mounted, stop };
}

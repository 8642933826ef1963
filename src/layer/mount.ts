import { posix } from 'node:path';
import { CLONE, MS } from '../../native/constants.ts';
import type { Syscalls } from '../../native/syscalls.ts';
import type { Mount } from '../driver/index.ts';

/**
 * Mounts on a directory in a mount namespace of the calling thread's own, which nothing else sees and which goes with
 * the thread. The thread has its own working directory from then on, and must not be used for anything else.
 */
export function mountPrivately(syscalls: Syscalls, mounts: Mount[], directory: string): void {
  syscalls.unshare(CLONE.NEWNS);
  syscalls.mount(null, '/', null, MS.REC | MS.PRIVATE, null);
  for (const mount of mounts) mountOne(syscalls, mount, posix.join(directory, mount.target ?? '.'));
}

function mountOne(syscalls: Syscalls, mount: Mount, target: string): void {
  if (mount.type === 'bind') {
    syscalls.mount(mount.source, target, null, MS.BIND | MS.REC, null);
    return;
  }
  const { directory, options } = shorten(mount.options);
  syscalls.chdir(directory);
  syscalls.mount(mount.source, target, mount.type, 0, options.join(','));
}

/**
 * Makes overlayfs's paths relative to the directory that they have in common: mount(2) takes one page of options, and
 * the absolute paths of 127 layers do not fit.
 */
export function shorten(options: string[]): { directory: string; options: string[] } {
  const split = options.map(splitPaths);
  const paths = split.flatMap(({ paths }) => paths);
  if (paths.length === 0) return { directory: '/', options };
  const directory = paths.map(posix.dirname).reduce(commonDirectory);
  return {
    directory,
    options: split.map(({ key, paths, whole }) =>
      key === undefined
        ? whole
        : `${key}=${paths.map((path) => posix.relative(directory, path) || '.').join(':')}`,
    ),
  };
}

function splitPaths(whole: string): { key?: string; paths: string[]; whole: string } {
  const match = /^(lowerdir|upperdir|workdir)=(.*)$/s.exec(whole);
  return match === null ? { paths: [], whole } : { key: match[1]!, paths: match[2]!.split(':'), whole };
}

function commonDirectory(one: string, other: string): string {
  const [parts, others] = [one.split('/'), other.split('/')];
  const differs = parts.findIndex((part, at) => part !== others[at]);
  return (differs < 0 ? parts : parts.slice(0, differs)).join('/') || '/';
}

import { closeSync, fstatSync, openSync } from 'node:fs';
import type { Endpoint } from '../../src/driver/index.ts';
import { ConflictError, hasCode } from '../../src/errors.ts';

/** A network namespace that is held open: it stays the same one, whoever takes the process's number meanwhile. */
export interface Netns {
  fd: number;
  path: string;
  inode: number;
}

/** Does `work` while the container's network namespace is held. Throws ConflictError when the container is gone. */
export async function withNetns<R>(endpoint: Endpoint, work: (netns: Netns) => Promise<R>): Promise<R> {
  const fd = open(endpoint);
  try {
    return await work({ fd, path: `/proc/self/fd/${fd}`, inode: fstatSync(fd).ino });
  } finally {
    closeSync(fd);
  }
}

function open({ netns, containerId }: Endpoint): number {
  try {
    if (netns !== undefined) return openSync(netns, 'r');
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ESRCH')) throw error;
  }
  const message = `container ${containerId.slice(0, 12)} has no network namespace of its own`;
  throw new ConflictError('NOT_RUNNING', message, { hint: 'start it first' });
}

/** The namespace that the path named then; undefined when it names none now, or another one. */
export function openSame({ netns, inode }: { netns: string; inode: number }): number | undefined {
  try {
    const fd = openSync(netns, 'r');
    if (fstatSync(fd).ino === inode) return fd;
    closeSync(fd);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ESRCH')) throw error;
  }
  return undefined;
}

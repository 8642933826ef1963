import { O, TIOC } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { mountNode } from './devices.ts';
import { locate, type Root } from './in-root.ts';

/** Both ends of a pseudoterminal (pty(7)). */
export interface Console {
  master: number;
  slave: number;
}

/**
 * Opens a pseudoterminal of the container's own devpts. The other end comes from the first by TIOCGPTPEER, never by its
 * path, which the container could have changed (CVE-2025-52565).
 */
export function openConsole(root: Root, size?: { rows: number; columns: number }): Console {
  return because('open a terminal', () => {
    const { syscalls } = root;
    const pts = locate(root, '/dev/pts');
    const master = syscalls.openat(pts, 'ptmx', O.RDWR | O.NOCTTY | O.CLOEXEC);
    syscalls.close(pts);
    syscalls.ioctlBuffer(master, TIOC.SPTLCK, Buffer.alloc(4));
    const slave = syscalls.ioctl(master, TIOC.GPTPEER, O.RDWR | O.NOCTTY | O.CLOEXEC);
    if (size) setSize(syscalls, master, size);
    return { master, slave };
  });
}

/** `struct winsize` (ioctl_tty(2)). */
export function setSize(syscalls: Syscalls, terminal: number, size: { rows: number; columns: number }): void {
  const winsize = Buffer.alloc(8);
  winsize.writeUInt16LE(size.rows, 0);
  winsize.writeUInt16LE(size.columns, 2);
  syscalls.ioctlBuffer(terminal, TIOC.SWINSZ, winsize);
}

/** The terminal as /dev/console, as docker has it. */
export function mountConsole(root: Root, { slave }: Console): void {
  because('mount /dev/console', () => mountNode(root, slave, '/dev/console'));
}

/** Makes the terminal the controlling one of this session, and stdin, stdout and stderr. Needs a session without one. */
export function adoptConsole(syscalls: Syscalls, { slave }: Console): void {
  because('make it the controlling terminal', () => {
    syscalls.ioctl(slave, TIOC.SCTTY, 0);
    for (const stdio of [0, 1, 2]) syscalls.dup3(slave, stdio, 0);
    syscalls.close(slave);
  });
}

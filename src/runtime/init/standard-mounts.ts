import { MOUNT_ATTR as ATTR } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import { attach, closeAll, type NewMount, newMount } from '../new-mount.ts';
import { type Root, realDirectory } from './in-root.ts';

const SECURE = ATTR.NOSUID | ATTR.NODEV | ATTR.NOEXEC;

/** The kernel's file systems that every container has, as docker mounts them; parents before children. */
const STANDARD: Record<string, NewMount> = {
  '/proc': { type: 'proc', attributes: SECURE },
  '/sys': { type: 'sysfs', attributes: SECURE | ATTR.RDONLY },
  '/dev': {
    type: 'tmpfs',
    options: [
      ['mode', '755'],
      ['size', '65536k'],
    ],
    attributes: ATTR.NOSUID | ATTR.NODEV | ATTR.STRICTATIME,
  },
  '/dev/pts': {
    type: 'devpts',
    options: ['newinstance', ['ptmxmode', '0666'], ['mode', '0620'], ['gid', '5']],
    attributes: ATTR.NOSUID | ATTR.NOEXEC,
  },
  '/dev/shm': {
    type: 'tmpfs',
    source: 'shm',
    options: [
      ['mode', '1777'],
      ['size', '65536k'],
    ],
    attributes: SECURE,
  },
  '/dev/mqueue': { type: 'mqueue', attributes: SECURE },
};

/** Mounts /proc, /sys, /dev and what belongs into /dev. */
export function mountStandard(root: Root): void {
  const { syscalls } = root;
  for (const [path, description] of Object.entries(STANDARD)) {
    because(`mount ${path}`, () => {
      const mount = newMount(syscalls, description);
      const place = realDirectory(root, path);
      attach(syscalls, mount, place);
      closeAll(syscalls, mount, place);
    });
  }
}

import { existsSync } from 'node:fs';
import { MOUNT_ATTR as ATTR } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import { attach, cloneHostPath, closeAll, type NewMount, newMount } from '../new-mount.ts';
import type { ContainerSettings } from '../settings.ts';
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

/** The host's own ones go with its IPC namespace. */
const SHARED_IPC = ['/dev/shm', '/dev/mqueue'];

/** Mounts /proc, /sys, /dev and what belongs into /dev. */
export function mountStandard(root: Root, settings: ContainerSettings = {}): void {
  const { syscalls } = root;
  for (const [path, description] of Object.entries(STANDARD)) {
    if (settings.ipc === 'none' && path === '/dev/shm') continue;
    const shared = settings.ipc === 'host' && SHARED_IPC.includes(path) && existsSync(path);
    because(`mount ${path}`, () => {
      const mount = shared
        ? cloneHostPath(syscalls, path, false)
        : newMount(syscalls, adapted(path, description, settings));
      const place = realDirectory(root, path);
      attach(syscalls, mount, place);
      closeAll(syscalls, mount, place);
    });
  }
}

function adapted(path: string, description: NewMount, settings: ContainerSettings): NewMount {
  const { attributes = 0 } = description;
  if (path === '/dev/shm' && settings.shmSize !== undefined)
    return {
      ...description,
      options: [
        ['mode', '1777'],
        ['size', String(settings.shmSize)],
      ],
    };
  if (path === '/sys' && settings.privileged)
    return { ...description, attributes: attributes & ~ATTR.RDONLY };
  if (path === '/dev' && settings.privileged) return { ...description, attributes: attributes & ~ATTR.NODEV };
  return description;
}

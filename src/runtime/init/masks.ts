import { MOUNT_ATTR } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import { attach, cloneMount, closeAll, newCloneSource, setAttributes } from '../new-mount.ts';
import type { DeviceNodes } from './devices.ts';
import { isDirectory, locateIfPresent, type Root } from './in-root.ts';

/** docker's masked paths: what would tell about the host, or reach it. */
export const MASKED = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];

/** docker's read-only paths. */
export const READONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** Hides the masked paths and protects the read-only ones; a path this kernel lacks is passed over. */
export function maskPaths(root: Root, devices: DeviceNodes): void {
  const empty = newCloneSource(root.syscalls, {
    type: 'tmpfs',
    options: [
      ['nr_blocks', '1'],
      ['nr_inodes', '1'],
    ],
    attributes: MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC,
  });
  for (const path of MASKED) because(`mask ${path}`, () => mask(root, path, { empty, devices }));
  for (const path of READONLY) because(`make ${path} read-only`, () => protect(root, path));
  root.syscalls.close(empty);
}

function mask(root: Root, path: string, hide: { empty: number; devices: DeviceNodes }): void {
  const { syscalls } = root;
  const place = locateIfPresent(root, path);
  if (place === undefined) return;
  const cover = cloneMount(syscalls, isDirectory(syscalls, place) ? hide.empty : hide.devices.fds.null!);
  attach(syscalls, cover, place);
  closeAll(syscalls, cover, place);
}

function protect(root: Root, path: string): void {
  const { syscalls } = root;
  const place = locateIfPresent(root, path);
  if (place === undefined) return;
  const { RDONLY, NOSUID, NODEV, NOEXEC } = MOUNT_ATTR;
  const copy = cloneMount(syscalls, place, true);
  setAttributes(syscalls, copy, RDONLY | NOSUID | NODEV | NOEXEC, true);
  attach(syscalls, copy, place);
  closeAll(syscalls, copy, place);
}

import { type Stats, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GockerError, hasCode } from '../../errors.ts';
import type { DeviceMapping } from '../settings.ts';
import { splitDevice } from './fine-settings.ts';
import { findHierarchies } from './hierarchies.ts';
import { directoryOf } from './paths.ts';

/**
 * Takes reading or writing away where a device was given without. Which devices a container can open at all is decided by what
 * is mounted in its /dev. Throws DEVICE_PERMISSIONS where there is no device controller: cgroup v2 has none but programs.
 */
export function restrictDevices(id: string, devices: DeviceMapping[]): void {
  for (const device of devices) {
    const denied = ['r', 'w'].filter((letter) => !device.permissions.includes(letter)).join('');
    const rule = denied === '' ? undefined : ruleOf(device.source);
    if (rule !== undefined) deny(id, device, `${rule} ${denied}`);
  }
}

function deny(id: string, device: DeviceMapping, rule: string): void {
  const hierarchy = findHierarchies().find(({ controllers }) => controllers.includes('devices'));
  if (hierarchy) {
    writeFileSync(join(directoryOf(hierarchy, id), 'devices.deny'), rule, { flag: 'r+' });
    return;
  }
  throw new GockerError(
    'DEVICE_PERMISSIONS',
    `--device ${device.source}: this host has no cgroup controller that could hold a program to ${JSON.stringify(device.permissions)}`,
    { hint: 'leave the permissions out, or give rwm' },
  );
}

/** `c MAJOR:MINOR`; undefined for what init will complain of. */
function ruleOf(path: string): string | undefined {
  const stat = statOf(path);
  if (!stat?.isCharacterDevice() && !stat?.isBlockDevice()) return undefined;
  return `${stat.isBlockDevice() ? 'b' : 'c'} ${splitDevice(stat.rdev).join(':')}`;
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

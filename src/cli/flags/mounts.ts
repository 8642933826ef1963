import { posix } from 'node:path';
import type { DeviceMapping, TmpfsMount } from '../../runtime/settings.ts';
import { invalidArgument } from './invalid.ts';

/** The words of mount(8) that docker lets through (moby, pkg/mount/flags_linux.go); those after `=` have a value. */
const TMPFS_WORDS =
  'ro rw suid nosuid dev nodev exec noexec sync async dirsync remount mand nomand atime noatime diratime nodiratime ' +
  'relatime norelatime strictatime nostrictatime private rprivate shared rshared slave rslave unbindable runbindable';
const TMPFS_VALUES = ['mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol', 'size'];

/** `DIR[:OPTIONS]`. Throws a UsageError. */
export function parseTmpfs(text: string): TmpfsMount {
  const colon = text.indexOf(':');
  const path = colon === -1 ? text : text.slice(0, colon);
  const options =
    colon === -1
      ? []
      : text
          .slice(colon + 1)
          .split(',')
          .filter(Boolean);
  const unknown = options.find((option) => !isTmpfsOption(option));
  const invalid = (why: string) =>
    invalidArgument('--tmpfs', text, { why, hint: 'write DIR or DIR:OPTIONS, as in /tmp:size=64m,exec' });
  if (!path.startsWith('/')) throw invalid('the directory is not absolute');
  if (unknown !== undefined) throw invalid(`invalid tmpfs option ${JSON.stringify(unknown)}`);
  return { destination: posix.resolve(path), options };
}

function isTmpfsOption(option: string): boolean {
  const equals = option.indexOf('=');
  if (equals === -1) return TMPFS_WORDS.split(' ').includes(option);
  return TMPFS_VALUES.includes(option.slice(0, equals)) && option.length > equals + 1;
}

/** `SRC[:DST[:PERMISSIONS]]`, or `SRC:PERMISSIONS`. Throws a UsageError. */
export function parseDevice(text: string): DeviceMapping {
  const invalid = (why: string) =>
    invalidArgument('--device', text, { why, hint: 'write SRC, SRC:DST or SRC:DST:rwm' });
  const [source = '', second, third, ...more] = text.split(':');
  if (more.length > 0) throw invalid('it has too many parts');
  const short = second !== undefined && third === undefined && isPermissions(second);
  const destination = short ? source : second || source;
  const permissions = (short ? second : third) ?? 'rwm';
  if (!isPermissions(permissions)) throw invalid(`invalid device mode: ${permissions}`);
  if (!source.startsWith('/')) throw invalid('the source is not absolute');
  if (!destination.startsWith('/')) throw invalid('the destination is not absolute');
  return { source, destination: posix.resolve(destination), permissions };
}

function isPermissions(text: string): boolean {
  return /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length;
}

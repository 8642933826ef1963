import { MOUNT_ATTR } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { newMount } from '../new-mount.ts';
import type { TmpfsMount } from '../settings.ts';
import type { HeldBind } from './hold.ts';

/** What docker gives each; a word of the user's for the opposite takes it away. */
const ATTRIBUTES = { nosuid: 'suid', nodev: 'dev', noexec: 'exec' } as const;

/** File systems in memory that are mounted nowhere yet, to be attached with the binds. */
export function makeTmpfs(syscalls: Syscalls, mounts: TmpfsMount[]): HeldBind[] {
  return mounts.map(({ destination, options }) =>
    because(`make a tmpfs for ${destination}`, () => ({
      bind: { source: 'tmpfs', destination, readonly: false, recursive: false },
      takesMode: !options.some((option) => option.startsWith('mode=')),
      mount: newMount(syscalls, {
        type: 'tmpfs',
        options: [['mode', '1777'], ...ofFileSystem(options)],
        attributes: attributesOf(options),
      }),
    })),
  );
}

function attributesOf(options: string[]): number {
  const readonly = options.lastIndexOf('ro') > options.lastIndexOf('rw') ? MOUNT_ATTR.RDONLY : 0;
  const kept = Object.entries(ATTRIBUTES).filter(
    ([word, opposite]) => options.lastIndexOf(opposite) <= options.lastIndexOf(word),
  );
  return kept.reduce(
    (mask, [word]) => mask | MOUNT_ATTR[word.toUpperCase() as keyof typeof MOUNT_ATTR],
    readonly,
  );
}

/** tmpfs(5)'s own: `size=64m`, `mode=700`. Those without a value are flags of the mount. */
function ofFileSystem(options: string[]): [string, string][] {
  return options.flatMap((option): [string, string][] => {
    const equals = option.indexOf('=');
    return equals === -1 ? [] : [[option.slice(0, equals), option.slice(equals + 1)]];
  });
}

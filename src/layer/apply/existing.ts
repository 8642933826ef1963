import { AT, S } from '../../../native/constants.ts';
import { hasCode } from '../../errors.ts';
import { toPath } from '../bytes.ts';
import { removeTree } from '../tree.ts';
import type { Applying, FileStat, Place } from './context.ts';

/** What a name stands for, a symlink itself; undefined when there is nothing. */
export function lookUp({ syscalls }: Applying, { parent, name }: Place): FileStat | undefined {
  try {
    return syscalls.statx(parent, toPath(name), AT.SYMLINK_NOFOLLOW);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

export function isDirectory(stat: FileStat | undefined): boolean {
  return stat !== undefined && (stat.mode & S.IFMT) === S.IFDIR;
}

/** Removes what is in an entry's place, a directory with all that is below it. */
export function clear({ syscalls, parents }: Applying, { parent, name }: Place): void {
  removeTree(syscalls, parent, toPath(name));
  parents.forget();
}

/**
 * Does `create`, which must fail with EEXIST where something is in the way; then clears the place and does it again.
 * The parent's fd may change by that: it is looked up anew.
 */
export function createOver<R>(
  applying: Applying,
  directory: string,
  name: string,
  create: (place: Place) => R,
): R {
  const place = { parent: applying.parents.get(directory), name };
  try {
    return create(place);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  clear(applying, place);
  return create({ parent: applying.parents.get(directory), name });
}

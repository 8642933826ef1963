/** Deletions (OCI image spec, layer.md "Whiteouts"): they hide what lower layers brought, never what this one did. */
import { AT, S } from '../../../native/constants.ts';
import { hasCode } from '../../errors.ts';
import { type ByteString, basename, dirname, join, show, toPath } from '../bytes.ts';
import { InvalidLayerError } from '../error.ts';
import { OPEN_DIRECTORY, walkTree } from '../tree.ts';
import type { Applying, Place } from './context.ts';
import { isDirectory, lookUp } from './existing.ts';
import { realPath } from './parents.ts';

export const PREFIX = '.wh.';
/** aufs's own bookkeeping; of it only the opaque marker means something outside of aufs. */
const AUFS = '.wh..wh.';
export const OPAQUE = '.wh..wh..opq';

/** What a name means: nothing special, a deletion in `directory` (of `name`, or of everything), or nothing at all. */
export type Whiteout =
  | { kind: 'delete'; directory: ByteString; name: ByteString }
  | { kind: 'opaque'; directory: ByteString }
  | { kind: 'ignore' };

/** Undefined for the path of an ordinary entry. Throws INVALID_LAYER for a deletion that names nothing or leads away. */
export function parseWhiteout(path: ByteString): Whiteout | undefined {
  if (!path.includes(PREFIX)) return undefined;
  const [directory, name] = [dirname(path), basename(path)];
  if (name === OPAQUE) return { kind: 'opaque', directory };
  if (path.split('/').some((part) => part.startsWith(AUFS))) return { kind: 'ignore' };
  if (directory.split('/').some((part) => part.startsWith(PREFIX))) {
    throw new InvalidLayerError(`${show(path)} is below a whiteout`);
  }
  if (!name.startsWith(PREFIX)) return undefined;
  const hidden = name.slice(PREFIX.length);
  if (hidden === '' || hidden === '.' || hidden === '..') {
    throw new InvalidLayerError(`whiteout ${show(path)} names no file`);
  }
  return { kind: 'delete', directory, name: hidden };
}

/**
 * In `bind` mode at once; in `overlay` mode noted, since what this layer itself has at the place is known only at the
 * end. False when it can only be done on top of the layers below: overlayfs knows no opaque root.
 */
export function applyWhiteout(applying: Applying, whiteout: Whiteout): boolean {
  if (whiteout.kind === 'ignore' || applying.target.bottom) return true;
  if (applying.target.mode === 'overlay') return note(applying, whiteout);
  const parent = applying.parents.find(whiteout.directory);
  if (parent === undefined) return true;
  if (whiteout.kind === 'opaque') removeForeignBelow(applying, parent);
  else removeForeign(applying, { parent, name: whiteout.name });
  applying.parents.forget();
  return true;
}

function note(applying: Applying, whiteout: Exclude<Whiteout, { kind: 'ignore' }>): boolean {
  const { directory } = whiteout;
  if (whiteout.kind === 'opaque' && directory === '') return false;
  applying.parents.get(directory);
  if (whiteout.kind === 'opaque') applying.opaque.add(directory);
  else namesOf(applying, directory).add(whiteout.name);
  return true;
}

/** Turns the noted deletions into overlayfs's form; to be called after the last entry. Returns the hidden paths. */
export function finishWhiteouts(applying: Applying): ByteString[] {
  applying.parents.forget();
  for (const directory of applying.opaque) makeOpaque(applying, applying.parents.find(directory));
  const hidden: ByteString[] = [];
  for (const [directory, names] of applying.whiteouts) {
    const parent = applying.parents.find(directory);
    if (parent === undefined) continue;
    const real = realPath(applying.root, parent);
    for (const name of names) if (hide(applying, { parent, name })) hidden.push(join(real, name));
  }
  return hidden;
}

/** True when a whiteout was made; an own directory is cut off from those below instead, an own file hides by itself. */
function hide(applying: Applying, place: Place): boolean {
  const stat = lookUp(applying, place);
  if (stat === undefined) {
    applying.syscalls.mknodat(place.parent, toPath(place.name), S.IFCHR, { major: 0, minor: 0 });
    return true;
  }
  if (isDirectory(stat)) {
    const fd = applying.syscalls.openat(place.parent, toPath(place.name), OPEN_DIRECTORY);
    makeOpaque(applying, fd);
    applying.syscalls.close(fd);
  }
  return false;
}

function makeOpaque({ syscalls }: Applying, directory: number | undefined): void {
  if (directory === undefined) return;
  syscalls.lsetxattr(`/proc/self/fd/${directory}/.`, 'trusted.overlay.opaque', Buffer.from('y'), 0);
}

function namesOf({ whiteouts }: Applying, directory: ByteString): Set<ByteString> {
  const names = whiteouts.get(directory) ?? new Set();
  whiteouts.set(directory, names);
  return names;
}

/** Removes a name with what is below it, except what this layer wrote and the directories on the way there. */
function removeForeign(applying: Applying, place: Place): void {
  const stat = lookUp(applying, place);
  if (stat === undefined) return;
  if (!isDirectory(stat)) {
    const isOwn = applying.own?.has(place.parent, toPath(place.name), stat);
    if (!isOwn) applying.syscalls.unlinkat(place.parent, toPath(place.name), 0);
    return;
  }
  const fd = applying.syscalls.openat(place.parent, toPath(place.name), OPEN_DIRECTORY);
  removeForeignBelow(applying, fd);
  applying.syscalls.close(fd);
  if (applying.own?.has(place.parent, toPath(place.name), stat)) return;
  removeIfEmpty(applying, place.parent, toPath(place.name));
}

function removeForeignBelow(applying: Applying, directory: number): void {
  const { syscalls, own } = applying;
  walkTree(syscalls, directory, {
    enter(parent, name) {
      const stat = syscalls.statx(parent, name, AT.SYMLINK_NOFOLLOW);
      if (isDirectory(stat)) return true;
      if (!own?.has(parent, name, stat)) syscalls.unlinkat(parent, name, 0);
      return false;
    },
    leave(parent, name) {
      const stat = syscalls.statx(parent, name, AT.SYMLINK_NOFOLLOW);
      if (!own?.has(parent, name, stat)) removeIfEmpty(applying, parent, name);
    },
  });
}

function removeIfEmpty({ syscalls }: Applying, parent: number, name: string | Buffer): void {
  try {
    syscalls.unlinkat(parent, name, AT.REMOVEDIR);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}

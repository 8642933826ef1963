/** overlayfs's deletions (kernel doc filesystems/overlayfs.rst) as layers write them (OCI image spec, layer.md "Whiteouts"). */
import { S } from '../../../native/constants.ts';
import type { FileStat, Syscalls } from '../../../native/syscalls.ts';
import { GockerError, hasCode } from '../../errors.ts';
import { OPAQUE, PREFIX } from '../apply/whiteout.ts';
import { type ByteString, basename, dirname, join, show, toPath } from '../bytes.ts';
import type { TarEntry } from '../tar/entry.ts';
import type { Place } from './entry.ts';

/** True for the device 0:0, which hides a name of the layers below. */
export function isWhiteout({ mode, rdev }: FileStat): boolean {
  return (mode & S.IFMT) === S.IFCHR && rdev.major === 0 && rdev.minor === 0;
}

/** The member that hides `path`. */
export function whiteoutOf(path: ByteString): TarEntry {
  return marker(join(dirname(path), `${PREFIX}${basename(path)}`));
}

/** The member that hides all that layers below have in a directory, when this one does. */
export function opaqueIn(syscalls: Syscalls, place: Place): TarEntry[] {
  const isOpaque = featureOf(syscalls, place, 'opaque')?.toString() === 'y';
  return isOpaque ? [marker(join(place.path, OPAQUE))] : [];
}

/**
 * Throws UNPACKABLE_NAME for a file that everybody would take for a whiteout, UNPACKABLE_LAYER for one that has only a part
 * of what it is, by features of overlayfs that gocker never turns on.
 */
export function refuseUnpackable(syscalls: Syscalls, place: Place): void {
  const shown = show(`/${place.path}`);
  const feature = ['redirect', 'metacopy'].find((name) => featureOf(syscalls, place, name) !== undefined);
  if (feature !== undefined) {
    throw new GockerError('UNPACKABLE_LAYER', `${shown} was written with overlayfs's feature ${feature}`, {
      hint: 'only what gocker mounts may write into its store',
    });
  }
  if (!place.name.startsWith(PREFIX)) return;
  throw new GockerError('UNPACKABLE_NAME', `${shown} cannot be in a layer: there its name means a deletion`, {
    hint: 'give the file another name, and commit again',
  });
}

function featureOf(syscalls: Syscalls, { directory, name }: Place, feature: string): Buffer | undefined {
  try {
    return syscalls.lgetxattr(toPath(`/proc/self/fd/${directory}/${name}`), `trusted.overlay.${feature}`);
  } catch (error) {
    if (hasCode(error, 'ENOTSUP', 'EOPNOTSUPP')) return undefined;
    throw error;
  }
}

function marker(name: ByteString): TarEntry {
  const device = { major: 0, minor: 0 };
  const none = { mode: 0, uid: 0, gid: 0, size: 0, mtimeNs: 0n, linkname: '', device };
  return { ...none, name, type: 'file', xattrs: new Map() };
}

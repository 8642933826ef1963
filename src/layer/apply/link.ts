import { hasCode } from '../../errors.ts';
import { type ByteString, basename, dirname, normalise, show, toPath } from '../bytes.ts';
import { InvalidLayerError } from '../error.ts';
import type { TarEntry } from '../tar/entry.ts';
import type { Applying, FileStat, Place } from './context.ts';
import { createOver, isDirectory, lookUp } from './existing.ts';
import { setMetadataAt } from './metadata.ts';

/** A symlink; its target is text and never looked at. */
export function applySymlink(applying: Applying, path: ByteString, entry: TarEntry): void {
  const place = createOver(applying, dirname(path), basename(path), (found) => {
    applying.syscalls.symlinkat(toPath(entry.linkname), found.parent, toPath(found.name));
    return found;
  });
  applying.own?.remember(place.parent, toPath(place.name));
  setMetadataAt(applying, place, entry);
}

/**
 * A second name for a file of this layer or, in `bind` mode, of a lower one; false when there is no such file here. The
 * last part of the source is never followed. The header's owner, mode and time are those of the file: left alone.
 */
export function applyHardlink(applying: Applying, path: ByteString, entry: TarEntry): boolean {
  const { syscalls, parents } = applying;
  const source = normalise(entry.linkname);
  const find = (): Place | undefined => {
    const parent = parents.find(dirname(source));
    return parent === undefined ? undefined : { parent, name: basename(source) };
  };
  const from = source === '' ? undefined : find();
  const stat = from && lookUp(applying, from);
  if (stat === undefined) return false;
  if (isDirectory(stat)) throw new InvalidLayerError(`hardlink to the directory ${show(entry.linkname)}`);
  if (isSame(stat, lookUp(applying, { parent: parents.get(dirname(path)), name: basename(path) })))
    return true;
  createOver(applying, dirname(path), basename(path), ({ parent, name }) => {
    const now = find();
    if (now === undefined) throw missing(entry);
    link(() => syscalls.linkat(now.parent, toPath(now.name), parent, toPath(name), 0), entry);
    applying.own?.rememberName(parent, toPath(name));
  });
  return true;
}

export function missing(entry: TarEntry): InvalidLayerError {
  return new InvalidLayerError(`hardlink to ${show(entry.linkname)}, which does not exist`);
}

/** Clearing the link's place may have taken the source along. */
function link(act: () => void, entry: TarEntry): void {
  try {
    act();
  } catch (error) {
    throw hasCode(error, 'ENOENT') ? missing(entry) : error;
  }
}

function isSame(one: FileStat, other: FileStat | undefined): boolean {
  return (
    other !== undefined &&
    one.ino === other.ino &&
    one.dev.major === other.dev.major &&
    one.dev.minor === other.dev.minor
  );
}

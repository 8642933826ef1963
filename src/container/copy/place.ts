/** docker's rules of where a copy goes (docs: `docker container cp`). Pure. */
import { posix } from 'node:path';
import { NotFoundError, UsageError } from '../../errors.ts';
import { quoted } from '../../image/printable.ts';
import type { Kind } from '../../runtime/copy/look.ts';

/** A path as the user wrote it, made absolute. */
export interface Place {
  /** Without a slash or dot at its end. */
  path: string;
  /** It ended with `/` or `/.`: it must be a directory. */
  mustBeDirectory: boolean;
  /** It ended with `/.`: the contents are meant. */
  contents: boolean;
  /** For messages. */
  text: string;
}

/** Absolute from `base`, with what its end says kept. */
export function parsePlace(text: string, base: string): Place {
  const contents = /(^|\/)\.$/.test(text);
  return { path: posix.resolve(base, text), contents, mustBeDirectory: contents || text.endsWith('/'), text };
}

export interface Source {
  place: Place;
  /** Its own; that of what it leads to where it is followed. */
  kind: Kind;
}

export interface Destination {
  place: Place;
  /** Of what it leads to. */
  kind: Kind;
  parentKind: Kind;
}

export interface CopyPlan {
  /** The directory to unpack in. */
  directory: string;
  /** The name of what is copied in the archive; empty for the contents of a tree. */
  name: string;
}

/** Where a copy goes. Throws NO_SUCH_PATH and UsageErrors, in docker's cases. */
export function planCopy(source: Source, destination: Destination): CopyPlan {
  const isTree = source.kind === 'directory';
  checkSource(source);
  const { place, kind } = destination;
  if (kind === 'directory') {
    if (!isTree) return { directory: place.path, name: nameOf(source.place) };
    const inside = source.place.contents || source.place.path === '/';
    return { directory: inside ? place.path : posix.join(place.path, nameOf(source.place)), name: '' };
  }
  if (kind !== undefined && isTree) throw cannot('copy a directory over a file', place);
  if (kind !== undefined && place.mustBeDirectory) throw cannot('copy into what is not a directory', place);
  if (kind === undefined) checkMissing(destination, isTree);
  if (isTree) return { directory: place.path, name: '' };
  return { directory: posix.dirname(place.path), name: posix.basename(place.path) };
}

function checkSource({ place, kind }: Source): void {
  if (kind === undefined) throw missing(place);
  if (place.mustBeDirectory && kind !== 'directory')
    throw cannot('copy the contents of what is not a directory', place);
}

function checkMissing({ place, parentKind }: Destination, isTree: boolean): void {
  if (place.mustBeDirectory && !isTree) throw missing(place, 'no such directory');
  if (parentKind !== 'directory') {
    throw missing({ ...place, text: posix.dirname(place.path) }, 'no such directory');
  }
}

function nameOf({ path }: Place): string {
  return posix.basename(path);
}

function cannot(what: string, { text }: Place): UsageError {
  return new UsageError('CANNOT_COPY', `cannot ${what}: ${quoted(text)}`);
}

/** What is not there. */
export function missing({ text }: Pick<Place, 'text'>, why = 'no such file or directory'): NotFoundError {
  return new NotFoundError('NO_SUCH_PATH', `${quoted(text)}: ${why}`);
}

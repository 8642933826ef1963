import { S } from '../../../native/constants.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { hasCode } from '../../errors.ts';
import { type ByteString, join, toPath } from '../bytes.ts';
import type { TarEntry } from '../tar/entry.ts';
import { END_OF_ARCHIVE, writeHeader } from '../tar/write.ts';
import { namesIn, OPEN_DIRECTORY, type TreeStep, treeSteps } from '../tree.ts';
import { batched } from './batch.ts';
import { type Below, createBelow } from './below.ts';
import { openBody, readBody } from './body.ts';
import { entryOf, type Links, type Place, statAt } from './entry.ts';
import { isWhiteout, opaqueIn, refuseUnpackable, whiteoutOf } from './whiteout.ts';

export interface Packing {
  syscalls: Syscalls;
  /** An open directory, which becomes the archive's root. */
  directory: number;
  /** `layer`: it is overlayfs's upper directory, with deletions; `tree`: all in it is what it seems. */
  what: 'layer' | 'tree';
  /** With a member `./` for the directory itself. */
  withRoot: boolean;
  /** Of a `tree`: an open directory that it was a copy of. The archive is a layer then, and has what differs. */
  below?: number;
}

interface State extends Omit<Packing, 'below'> {
  links: Links;
  below: Below | undefined;
  /** By depth the directory on the way here, when it is as below: it goes before the first change in it. */
  unchanged: TarEntry[][];
}

/**
 * A tree as a tar archive, in order of the names' bytes, the same bytes for the same tree: modes, owners, times to the
 * nanosecond, attributes, hardlinks, devices and fifos. Sockets are left out. Holes are written as zeros: docker keeps no
 * more than a file's content of a layer's sparse members, and could not write such a layer again.
 * Throws UNPACKABLE_NAME and UNPACKABLE_LAYER for what a layer has no way to tell, TREE_CHANGED when the tree's directories are moved.
 */
export function packTree(packing: Packing): Generator<Buffer> {
  return batched(members(packing));
}

function* members(packing: Packing): Generator<Buffer> {
  const { syscalls, directory, withRoot } = packing;
  const below = packing.below === undefined ? undefined : createBelow(syscalls, packing.below);
  const state: State = { ...packing, links: new Map(), below, unchanged: [] };
  if (withRoot) yield* rootMember(state);
  yield* deletions(state, directory, '');
  const steps = treeSteps(syscalls, directory, (fd) =>
    namesIn(fd).sort((one, other) => Buffer.compare(other, one)),
  );
  const path: ByteString[] = [];
  let goInto: boolean | undefined;
  try {
    for (let next = steps.next(); !next.done; next = steps.next(goInto)) {
      goInto = yield* withParents(state, step(state, next.value, path));
    }
  } finally {
    below?.close();
    steps.return();
  }
  yield END_OF_ARCHIVE;
}

/** What is put into a directory changes its time, so that a layer tells that again. */
function* withParents<T>({ unchanged }: State, pieces: Generator<Buffer, T>): Generator<Buffer, T> {
  for (;;) {
    const next = pieces.next();
    if (next.done) return next.value;
    for (const entry of unchanged.flat()) yield writeHeader(entry);
    for (const parents of unchanged) parents.length = 0;
    yield next.value;
  }
}

/** True for a directory to go into. */
function* step(state: State, next: TreeStep, path: ByteString[]): Generator<Buffer, boolean> {
  state.unchanged.length = next.depth;
  if (next.kind === 'leave') {
    state.below?.leave();
    return false;
  }
  state.unchanged.push([]);
  const place = placeOf(next, path);
  const goInto = yield* member(state, place);
  if (goInto && state.below) {
    state.below.enter(next.name);
    yield* deletionsIn(state, place);
  }
  return goInto;
}

function* deletionsIn(state: State, { directory, name, path }: Place): Generator<Buffer> {
  const fd = state.syscalls.openat(directory, toPath(name), OPEN_DIRECTORY);
  try {
    yield* deletions(state, fd, path);
  } finally {
    state.syscalls.close(fd);
  }
}

/** Whiteouts for what the directory below has and this one has not. */
function* deletions({ below }: State, directory: number, path: ByteString): Generator<Buffer> {
  for (const name of below?.missingIn(directory) ?? []) {
    yield writeHeader(whiteoutOf(join(path, name.toString('latin1'))));
  }
}

/** `path` holds the names on the way here, and is brought up to date. */
function placeOf({ directory, name: bytes, depth }: TreeStep, path: ByteString[]): Place {
  const name = bytes.toString('latin1');
  path.length = depth;
  path.push(name);
  return { directory, name, path: path.join('/') };
}

function* rootMember(state: State): Generator<Buffer> {
  const { syscalls, directory, links } = state;
  const place = { directory, name: '.', path: '.' };
  yield writeHeader(entryOf(syscalls, place, { stat: statAt(syscalls, place), links })!);
}

/** True for a directory. */
function* member(state: State, place: Place): Generator<Buffer, boolean> {
  const { syscalls, what, links } = state;
  const stat = unlessGone(() => statAt(syscalls, place));
  if (stat === undefined) return false;
  if (what === 'layer' && isWhiteout(stat)) {
    yield writeHeader(whiteoutOf(place.path));
    return false;
  }
  const type = stat.mode & S.IFMT;
  if (state.below?.has(place, stat)) {
    if (type !== S.IFDIR) return false;
    state.unchanged.at(-1)!.push(entryOf(syscalls, place, { stat, links })!);
    return true;
  }
  if (what === 'layer' || state.below) refuseUnpackable(syscalls, place);
  if (type === S.IFREG) {
    yield* file(state, place);
    return false;
  }
  const entry = unlessGone(() => entryOf(syscalls, place, { stat, links }));
  if (entry === undefined) return false;
  yield writeHeader(entry);
  if (type !== S.IFDIR) return false;
  if (what === 'layer') for (const marker of opaqueIn(syscalls, place)) yield writeHeader(marker);
  return true;
}

function* file({ syscalls, links }: State, place: Place): Generator<Buffer> {
  const body = unlessGone(() => openBody(syscalls, place));
  if (body === undefined) return;
  try {
    const entry = unlessGone(() => entryOf(syscalls, place, { stat: body.stat, links }));
    if (entry === undefined) return;
    yield writeHeader(entry);
    if (entry.type === 'file') yield* readBody(body.fd, entry.size);
  } finally {
    syscalls.close(body.fd);
  }
}

/** A program may take away what the walk is just coming to. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ELOOP', 'ENXIO')) return undefined;
    throw error;
  }
}

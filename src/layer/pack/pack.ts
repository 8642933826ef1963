import { S } from '../../../native/constants.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { hasCode } from '../../errors.ts';
import type { ByteString } from '../bytes.ts';
import { END_OF_ARCHIVE, writeHeader } from '../tar/write.ts';
import { namesIn, type TreeStep, treeSteps } from '../tree.ts';
import { batched } from './batch.ts';
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
}

interface State extends Packing {
  links: Links;
}

/**
 * A tree as a tar archive, in order of the names' bytes, the same bytes for the same tree: modes, owners, times to the
 * nanosecond, attributes, hardlinks, devices and fifos. Sockets are left out. Holes are written as zeros: docker keeps no
 * more than a file's content of a layer's sparse members, and could not write such a layer again.
 * Throws UNPACKABLE_NAME and UNPACKABLE_LAYER for what a layer has no way to tell, TREE_CHANGED when the tree's directories are moved.
 */
export function packTree(packing: Packing): Generator<Buffer> {
  return batched(members({ ...packing, links: new Map() }));
}

function* members(state: State): Generator<Buffer> {
  const { syscalls, directory, withRoot } = state;
  if (withRoot) yield* rootMember(state);
  const steps = treeSteps(syscalls, directory, (fd) =>
    namesIn(fd).sort((one, other) => Buffer.compare(other, one)),
  );
  const path: ByteString[] = [];
  let goInto: boolean | undefined;
  try {
    for (let next = steps.next(); !next.done; next = steps.next(goInto)) {
      goInto = next.value.kind === 'enter' ? yield* member(state, placeOf(next.value, path)) : undefined;
    }
  } finally {
    steps.return();
  }
  yield END_OF_ARCHIVE;
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
  if (what === 'layer') refuseUnpackable(syscalls, place);
  const type = stat.mode & S.IFMT;
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

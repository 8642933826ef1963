import { closeSync, mkdirSync, openSync } from 'node:fs';
import { posix } from 'node:path';
import type { CopyCalls } from '../../runtime/types.ts';
import type { ContainerContext } from '../context.ts';
import { type Destination, missing, type Place, parsePlace, planCopy, type Source } from './place.ts';
import { withRoot } from './root.ts';

/** One side in a container, the other on the host. */
export interface CopyRequest {
  container: string;
  /** From `/` when it does not begin with it. */
  path: string;
  /** Copies what a link leads to. */
  follow?: boolean;
  /** Keeps owners; otherwise all becomes the caller's, or root's in a container. */
  archive?: boolean;
}

/** Copies out of a container; resolves to how many bytes went. Throws the errors of `planCopy` and COPY_FAILED. */
export async function copyOut(
  context: ContainerContext,
  request: CopyRequest,
  host: { path: string; cwd: string },
): Promise<number> {
  const { copy } = context.runtime;
  return await withRoot(context, { container: request.container }, async (root) => {
    const source = sourceAt(copy, root, { place: parsePlace(request.path, '/'), follow: request.follow });
    return await withHost('/', async (hostRoot) => {
      const plan = planCopy(source, destinationAt(copy, hostRoot, parsePlace(host.path, host.cwd)));
      // A tree's own directory is its root then: nothing in it can lead anywhere else.
      if (source.kind === 'directory') mkdirSync(plan.directory, { recursive: true });
      return await withHost(plan.directory, (target) =>
        copy.transfer(
          { root, request: packed(source, request.follow, plan.name) },
          { root: target, request: { path: '/', keepOwners: request.archive ?? false } },
        ),
      );
    });
  });
}

/** Copies into a container; resolves to how many bytes went. */
export async function copyIn(
  context: ContainerContext,
  request: CopyRequest,
  host: { path: string; cwd: string },
): Promise<number> {
  const { copy } = context.runtime;
  return await withRoot(context, { container: request.container, write: request.path }, async (root) =>
    withHost('/', async (hostRoot) => {
      const source = sourceAt(copy, hostRoot, {
        place: parsePlace(host.path, host.cwd),
        follow: request.follow,
      });
      const plan = planCopy(source, destinationAt(copy, root, parsePlace(request.path, '/')));
      return await copy.transfer(
        { root: hostRoot, request: packed(source, request.follow, plan.name) },
        { root, request: { path: plan.directory, keepOwners: request.archive ?? false } },
      );
    }),
  );
}

/** Writes a file or tree of a container as an archive. */
export async function copyArchiveOut(
  context: ContainerContext,
  request: CopyRequest,
  to: NodeJS.WritableStream,
): Promise<void> {
  const { copy } = context.runtime;
  await withRoot(context, { container: request.container }, async (root) => {
    const source = sourceAt(copy, root, { place: parsePlace(request.path, '/'), follow: request.follow });
    if (source.kind === undefined) throw missing(source.place);
    const name = source.place.contents ? '' : posix.basename(source.place.path);
    await copy.pack(root, packed(source, request.follow, name), to);
  });
}

/** Unpacks an archive in a directory of a container, which must be there. */
export async function copyArchiveIn(
  context: ContainerContext,
  request: CopyRequest,
  from: NodeJS.ReadableStream,
): Promise<void> {
  const { copy } = context.runtime;
  await withRoot(context, { container: request.container, write: request.path }, async (root) => {
    const place = parsePlace(request.path, '/');
    if (copy.kindOf(root, { path: place.path, follow: true }) !== 'directory') {
      throw missing(place, 'the destination must be a directory');
    }
    await copy.extract(root, { path: place.path, keepOwners: true }, from);
  });
}

function sourceAt(
  copy: CopyCalls,
  root: number,
  { place, follow = false }: { place: Place; follow?: boolean | undefined },
): Source {
  return { place, kind: copy.kindOf(root, { path: place.path, follow: follow || place.mustBeDirectory }) };
}

function destinationAt(copy: CopyCalls, root: number, place: Place): Destination {
  const kind = (path: string) => copy.kindOf(root, { path, follow: true });
  return { place, kind: kind(place.path), parentKind: kind(posix.dirname(place.path)) };
}

function packed({ place }: Source, follow: boolean | undefined, name: string) {
  return { path: place.path, follow: (follow ?? false) || place.mustBeDirectory, name };
}

async function withHost<T>(path: string, work: (root: number) => Promise<T>): Promise<T> {
  const root = openSync(path, 'r');
  try {
    return await work(root);
  } finally {
    closeSync(root);
  }
}

import { AT_FDCWD } from '../../../native/constants.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { type ByteString, normalise } from '../bytes.ts';
import type { TarEntry, TarSink } from '../tar/entry.ts';
import { OPEN_DIRECTORY } from '../tree.ts';
import type { Applying, ApplyPolicy, ApplyTarget, OpenQuestions } from './context.ts';
import { applyDirectory, refuseRoot, setDirectoryTimes } from './directory.ts';
import { type FileWriter, openFile } from './file.ts';
import { applyHardlink, applySymlink, missing } from './link.ts';
import { applyNode } from './node.ts';
import { createOwn } from './own.ts';
import { createParents } from './parents.ts';
import { applyWhiteout, finishWhiteouts, parseWhiteout } from './whiteout.ts';

export interface ApplyOptions {
  syscalls: Syscalls;
  target: ApplyTarget;
  policy: ApplyPolicy;
}

/** Puts the entries of one layer on disk, as they come. Nothing outside the target directory is touched. */
export interface Applier extends TarSink {
  /** The directory's fd, for looking at its file system. */
  root: number;
  /** The entry being applied, for messages. */
  current(): ByteString | undefined;
  /** To be called after the last entry: deletions, times of directories. */
  finish(): OpenQuestions;
  /** Closes every fd; always to be called. */
  dispose(): void;
}

/** An applier for one layer. Its methods throw INVALID_LAYER for what the layer did, SyscallErrors for what the host did. */
export function createApplier(options: ApplyOptions): Applier {
  const applying = open(options);
  const { parents, implied, syscalls, root } = applying;
  let writer: FileWriter | undefined;
  let current: ByteString | undefined;
  let needsLower: ByteString | undefined;

  return {
    root,
    current: () => current,
    entry(entry) {
      current = entry.name;
      if (needsLower !== undefined) return;
      const outcome = applyEntry(applying, normalise(entry.name), entry);
      if (outcome === 'needs-lower') needsLower = entry.name;
      else writer = outcome;
    },
    data: (bytes) => writer?.data(bytes),
    close() {
      const finished = writer;
      writer = undefined;
      finished?.close();
    },
    finish() {
      current = undefined;
      if (needsLower !== undefined) return { implied: [], whiteouts: [], needsLower };
      const whiteouts = finishWhiteouts(applying);
      setDirectoryTimes(applying);
      if (!applying.directoryTimes.has('')) implied.add('');
      return options.target.mode === 'bind'
        ? { implied: [], whiteouts: [] }
        : { implied: [...implied], whiteouts };
    },
    dispose() {
      parents.forget();
      syscalls.close(root);
    },
  };
}

function open({ syscalls, target, policy }: ApplyOptions): Applying {
  const root = syscalls.openat(AT_FDCWD, target.directory, OPEN_DIRECTORY);
  const own = target.mode === 'bind' ? createOwn(syscalls) : undefined;
  const implied = new Set<ByteString>();
  return {
    syscalls,
    target,
    policy,
    root,
    parents: createParents({ syscalls, root, own, onImplied: (path) => implied.add(path) }),
    own,
    directoryTimes: new Map(),
    implied,
    whiteouts: new Map(),
    opaque: new Set(),
  };
}

/** One entry; a regular file's content is still to come. */
function applyEntry(
  applying: Applying,
  path: ByteString,
  entry: TarEntry,
): FileWriter | 'needs-lower' | undefined {
  const whiteout = applying.policy.plain ? undefined : parseWhiteout(path);
  if (whiteout !== undefined) return applyWhiteout(applying, whiteout) ? undefined : 'needs-lower';
  if (path === '') refuseRoot(entry);
  switch (entry.type) {
    case 'file':
      return openFile(applying, path, entry);
    case 'directory':
      applyDirectory(applying, path, entry);
      return undefined;
    case 'symlink':
      applySymlink(applying, path, entry);
      return undefined;
    case 'hardlink':
      return hardlink(applying, path, entry);
    default:
      applyNode(applying, path, { ...entry, type: entry.type });
      return undefined;
  }
}

function hardlink(applying: Applying, path: ByteString, entry: TarEntry): 'needs-lower' | undefined {
  if (applyHardlink(applying, path, entry)) return undefined;
  const { mode, bottom } = applying.target;
  if (mode === 'overlay' && !bottom) return 'needs-lower';
  throw missing(entry);
}

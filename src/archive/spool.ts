import { closeSync, openSync } from 'node:fs';
import { quoted } from '../image/printable.ts';
import { createSpaceGuard } from '../layer/space.ts';
import { TAR_LIMITS, type TarEntry, type TarSink } from '../layer/tar/entry.ts';
import { TarReader } from '../layer/tar/reader.ts';
import type { Store } from '../store/layout.ts';
import { invalidArchive } from './error.ts';
import type { ArchiveFiles, StagedFile, Staging, StagingFile } from './files.ts';
import { linkTarget, memberName } from './member-name.ts';
import { plainBytes } from './plain-bytes.ts';

/** Far above what the images of a machine come to. */
const LIMITS = { ...TAR_LIMITS, entries: 100_000 };
const MAX_LINKS = 8;

/** A member, or a link to one. */
type Member = StagedFile | { link: string };

/**
 * Reads a tar archive, packed or not, once, and stages each file of it. Throws INVALID_ARCHIVE for members that lead
 * outside, are there twice, or are neither files, directories nor links to files of the archive; INVALID_LAYER for what
 * is no archive; NO_SPACE.
 */
export async function spoolArchive(
  store: Store,
  staging: Staging,
  input: NodeJS.ReadableStream,
): Promise<ArchiveFiles> {
  const members = new Map<string, Member>();
  const root = openSync(store.root, 'r');
  try {
    const expectSpace = createSpaceGuard(store.syscalls, root);
    const reader = new TarReader(createSink(members, staging, expectSpace), LIMITS);
    await plainBytes(input, (chunk) => reader.write(chunk));
    reader.end();
  } finally {
    closeSync(root);
  }
  return { stage: async (name) => follow(members, name), close: () => staging.clear() };
}

function createSink(
  members: Map<string, Member>,
  staging: Staging,
  expectSpace: (bytes: number) => void,
): TarSink {
  let current: { name: string; file: StagingFile } | undefined;
  return {
    entry(entry) {
      const name = memberName(entry.name);
      if (entry.type === 'directory') return;
      const member = linkOf(name, entry);
      if (members.has(name)) throw invalidArchive(`entry ${quoted(name)} is there twice`);
      if (member !== undefined) members.set(name, member);
      else current = { name, file: staging.begin() };
    },
    data(bytes) {
      expectSpace(bytes.length);
      current?.file.write(bytes);
    },
    close() {
      if (current !== undefined) members.set(current.name, current.file.end());
      current = undefined;
    },
  };
}

/** Undefined for a file. */
function linkOf(name: string, { type, linkname, sparse }: TarEntry): Member | undefined {
  if (type === 'symlink' || type === 'hardlink')
    return { link: linkTarget(name, linkname, type === 'hardlink') };
  if (type !== 'file') throw invalidArchive(`entry ${quoted(name)} is a ${type}`);
  if (sparse !== undefined) throw invalidArchive(`entry ${quoted(name)} is sparse`);
  return undefined;
}

function follow(members: Map<string, Member>, name: string): StagedFile | undefined {
  let member = members.get(name);
  for (let links = 0; member !== undefined && 'link' in member; links++) {
    if (links === MAX_LINKS) throw invalidArchive(`entry ${quoted(name)} links to itself`);
    member = members.get(member.link);
  }
  return member;
}

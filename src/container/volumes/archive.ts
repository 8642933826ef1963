/** The files of a volume as a tar archive, for keeping and for moving. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AT_FDCWD } from '../../../native/constants.ts';
import { GockerError, NotFoundError, UsageError } from '../../errors.ts';
import { createTreeApplier } from '../../layer/apply-tree.ts';
import { createDecompressor } from '../../layer/decompress.ts';
import { packTree } from '../../layer/pack/pack.ts';
import { OPEN_DIRECTORY } from '../../layer/tree.ts';
import type { ContainerContext } from '../context.ts';
import { whileVolumeLocked } from './hold.ts';
import { volumeSource } from './options.ts';
import { requireVolume } from './record.ts';

/** Writes all that is in a volume as an archive. Throws a NotFoundError, TREE_CHANGED when directories are moved meanwhile. */
export async function exportVolume(
  context: ContainerContext,
  name: string,
  to: NodeJS.WritableStream,
): Promise<void> {
  await withFiles(context, name, async (path) => {
    const { syscalls } = context;
    const directory = syscalls.openat(AT_FDCWD, path, OPEN_DIRECTORY);
    try {
      await pipeline(Readable.from(packTree({ syscalls, directory, what: 'tree', withRoot: true })), to);
    } finally {
      syscalls.close(directory);
    }
  });
}

/**
 * Puts an archive's members into a volume, over what has the same name there; gzip and zstd are undone. Throws a NotFoundError,
 * IMPORT_FAILED for what is no archive or has no room.
 */
export async function importVolume(
  context: ContainerContext,
  name: string,
  from: AsyncIterable<Buffer>,
): Promise<void> {
  await withFiles(context, name, async (path) => {
    const applier = createTreeApplier(context.syscalls, path);
    const decompressor = createDecompressor((chunk) => applier.write(chunk));
    try {
      for await (const chunk of from) await decompressor.write(chunk);
      await decompressor.end();
      applier.end();
    } catch (error) {
      throw importFailed(name, error);
    } finally {
      decompressor.destroy();
      applier.close();
    }
  });
}

async function withFiles(
  context: ContainerContext,
  name: string,
  work: (path: string) => Promise<void>,
): Promise<void> {
  const { options, mountpoint } = requireVolume(context.root, name);
  const source = volumeSource(options);
  if (source.kind === 'tmpfs') {
    throw new UsageError(
      'VOLUME_IN_MEMORY',
      `volume ${name} is in memory: it has files only while a container runs`,
      {
        hint: 'copy them out of the container with: gocker cp',
      },
    );
  }
  const path = source.kind === 'bind' ? source.device : mountpoint;
  const done = await whileVolumeLocked(context, name, async () => ({ done: await work(path) }), {
    shared: true,
  });
  if (done === undefined) throw new NotFoundError('VOLUME_NOT_FOUND', `volume ${name} was removed meanwhile`);
}

function importFailed(name: string, cause: unknown): GockerError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new GockerError('IMPORT_FAILED', `cannot import into volume ${name}: ${why}`, {
    cause,
    hint: 'what came before is there; with a whole tar archive, plain, gzip or zstd, the same command goes over it again',
  });
}

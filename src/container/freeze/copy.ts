import { closeSync, constants, openSync } from 'node:fs';
import type { Syscalls } from '../../../native/syscalls.ts';
import type { ChainID, Mount } from '../../driver/index.ts';
import { GockerError } from '../../errors.ts';
import { copyTree } from '../../layer/copy/tree.ts';
import { namesIn, removeTree } from '../../layer/tree.ts';
import type { ContainerContext } from '../context.ts';
import type { Container } from '../schema.ts';
import { whilePaused } from './pause.ts';

export interface CopyFiles {
  container: Container;
  /** Of the snapshot that the copy becomes. */
  name: ChainID;
  pause: boolean;
  keyPrefix: string;
}

/**
 * Makes a snapshot of what a container has changed by copying it: reflinks where the file system has them. Throws
 * CANNOT_COPY for a storage driver whose mounts do not tell where that is.
 */
export async function copyFiles(context: ContainerContext, options: CopyFiles): Promise<void> {
  const { container, name, pause, keyPrefix } = options;
  const driver = await context.storage(container.config.storageDriver);
  const parent = (await driver.stat(container.id))?.parent;
  const from = filesOf(await driver.mounts(container.id), container);
  const key = `${keyPrefix}frozen`;
  const to = filesOf(await driver.prepare(key, parent), container);
  try {
    await whilePaused(context, { container, pause }, () => copyOver(context.syscalls, from, to));
    await driver.commit(key, name);
  } catch (error) {
    await driver.remove(key);
    throw error;
  }
}

/** An overlay's upper directory, a bind's whole tree. */
function filesOf(mounts: Mount[], { config }: Container): string {
  const [mount] = mounts;
  const upper = mount?.options.find((option) => option.startsWith('upperdir='))?.slice('upperdir='.length);
  const files = mount?.type === 'bind' ? mount.source : upper;
  if (mounts.length === 1 && files !== undefined) return files;
  throw new GockerError(
    'CANNOT_COPY',
    `storage driver ${config.storageDriver} cannot copy the files of a container that runs`,
    {
      hint: `stop it first: gocker stop ${config.name}`,
    },
  );
}

/** What the target has of the layers below is the source's to say. */
function copyOver(syscalls: Syscalls, from: string, to: string): void {
  const open = (path: string) => openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  const [source, target] = [open(from), open(to)];
  try {
    for (const name of namesIn(target)) removeTree(syscalls, target, name);
    copyTree(syscalls, source, target);
  } finally {
    closeSync(source);
    closeSync(target);
  }
}

import { mkdir, rm } from 'node:fs/promises';
import type { NetworkContext } from './context.ts';
import { namesLockOf, networksOf, stagedOf } from './paths.ts';
import { readStaged } from './record.ts';
import { forDriver } from './schema.ts';

/**
 * Runs `work` while nobody else makes, removes or names a network. What a killed process has left half done is taken away
 * first: whoever holds the lock is the only one who can be at it.
 */
export async function whileNaming<T>(context: NetworkContext, work: () => Promise<T>): Promise<T> {
  await mkdir(networksOf(context.root), { recursive: true, mode: 0o700 });
  return await context.withLock(namesLockOf(context.root), async () => {
    await finishStaged(context);
    return await work();
  });
}

/** The same where there is something to take away, and nothing where not. */
export async function sweepNetworks(context: NetworkContext): Promise<void> {
  if ((await readStaged(context.root)).length > 0) await whileNaming(context, async () => undefined);
}

/** Takes away what stands in a staged directory, and the directory last. The caller holds the lock of names. */
export async function finishStaged(context: NetworkContext): Promise<void> {
  for (const { id, network } of await readStaged(context.root)) {
    if (network) await (await context.driver(network.driver)).remove(forDriver(network));
    await rm(stagedOf(context.root, id), { recursive: true, force: true });
  }
}

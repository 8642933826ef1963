import { GockerError, hasCode } from '../../errors.ts';
import { isDeferred } from '../../image/deferred.ts';
import type { ChainID, Image } from '../../image/types.ts';
import { show } from '../../layer/bytes.ts';
import { compareTrees, type Difference } from '../../layer/compare.ts';
import { stackOf } from '../../layer/lower.ts';
import { unpackAside } from '../../registry/pull/aside.ts';
import type { LayerPull } from '../../registry/pull/types.ts';
import { storedPull, unpackImage } from '../../registry/pull/unpack.ts';
import { lockSnapshot } from '../../store/ingest.ts';
import { isWhole } from './image.ts';
import { mendLayer } from './mend.ts';
import type { PartStatus, Session, Subject, VerifiedPart } from './types.ts';

/**
 * Each unpacked layer of an image against its blob: it is unpacked once more beside, and the two are compared entry by
 * entry. An image of which nothing is unpacked, as that of another platform, is left alone.
 */
export async function verifyUnpacked(session: Session, subject: Subject, image: Image): Promise<void> {
  const { driver, store, parts, unpacker } = session;
  const there = await Promise.all(
    image.chainIDs.map(async (chainID) => (await driver.stat(chainID)) !== undefined),
  );
  if (!there.includes(true)) return;
  const options = { driver, store, syscalls: parts.syscalls, unpacker };
  const pull = storedPull(options, image, session.mark);
  for (const [at, chainID] of image.chainIDs.entries()) {
    // Of a layer that was made here and whose archive was not there is nothing to compare it with.
    if (session.done.has(chainID) || isDeferred(image.layers[at]!)) continue;
    const outcome = await verifyLayer(session, pull, at);
    const part: VerifiedPart = { image: subject.image, kind: 'unpacked', digest: chainID, ...outcome };
    if (outcome.status === 'missing' && session.repair) await unpackUpTo(options, image, at);
    const mended = outcome.status === 'missing' && session.repair;
    const last: Partial<VerifiedPart> = mended ? { status: 'repaired', detail: 'unpacked again' } : {};
    session.done.set(chainID, session.report({ ...part, ...last }));
  }
}

/** The layer and those below it, as far as they are not there. */
async function unpackUpTo(
  options: Parameters<typeof unpackImage>[0],
  image: Image,
  at: number,
): Promise<void> {
  const { layers, chainIDs } = image;
  await unpackImage(options, {
    ...image,
    layers: layers.slice(0, at + 1),
    chainIDs: chainIDs.slice(0, at + 1),
  });
}

export interface Outcome {
  status: PartStatus;
  detail?: string;
}

async function verifyLayer(session: Session, pull: LayerPull, at: number): Promise<Outcome> {
  const { driver, store, done } = session;
  const chainID = pull.chainIDs[at]!;
  const needed = [done.get(pull.layers[at]!.digest), at === 0 ? undefined : done.get(pull.chainIDs[at - 1]!)];
  if (needed.some((part) => part !== undefined && !isWhole(part.status)))
    return { status: 'unchecked', detail: 'its blob, or what is below it, is not sound' };
  if ((await driver.stat(chainID)) === undefined) return { status: 'missing' };
  const lock = await lockSnapshot(store, chainID, pull.signal);
  try {
    const key = await unpackAside(pull, at);
    try {
      const damage = await damageOf(session, key, chainID);
      if (damage === undefined) return { status: 'sound' };
      return session.repair
        ? await mendLayer(session, pull, { at, key, damage })
        : { status: 'damaged', detail: damage };
    } finally {
      await driver.remove(key);
    }
  } finally {
    lock.remove();
  }
}

/** What sets the snapshot apart from the one that was unpacked just now; undefined for nothing. */
async function damageOf(session: Session, key: string, chainID: ChainID): Promise<string | undefined> {
  const differences: Difference[] = [];
  const view = `${key}-seen`;
  try {
    const { driver, parts } = session;
    const expected = stackOf(await driver.mounts(key), 'upper')?.[0];
    const found = stackOf(await driver.view(view, chainID))?.[0];
    if (expected === undefined || found === undefined) return undefined;
    compareTrees(
      // A directory that no layer describes has the time at which some layer below was unpacked, maybe anew since.
      { syscalls: parts.syscalls, expected, found, content: true, chanceTimes: 0n },
      (difference) => differences.push(difference),
    );
  } catch (error) {
    if (!(error instanceof GockerError) && !hasCode(error, 'ENOENT', 'EIO', 'ENOTDIR')) throw error;
    return (error as Error).message;
  } finally {
    await session.driver.remove(view);
  }
  return differences.length === 0 ? undefined : describe(differences);
}

function describe(differences: Difference[]): string {
  const [{ path, kind, what }] = differences as [Difference, ...Difference[]];
  const more = differences.length === 1 ? '' : ` (and ${differences.length - 1} more)`;
  const where = path === '' ? 'its root' : show(path);
  return kind === 'changed' ? `${where}: ${what} differs${more}` : `${where} was ${kind}${more}`;
}

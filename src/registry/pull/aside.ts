import { dropSnapshot } from './drop.ts';
import { fromStore, jobOf, placeFor } from './layer.ts';
import { isSettled, unpackOnTop } from './layers.ts';
import type { LayerPull } from './types.ts';

/**
 * Unpacks a layer once more from its blob in the store, beside the snapshot that there is of it; the key of the new one,
 * which is the caller's to commit or remove. Those below must be there. Throws DIGEST_MISMATCH for a damaged blob.
 */
export async function unpackAside(pull: LayerPull, at: number): Promise<string> {
  const { key, placement } = await placeFor(pull, at);
  try {
    const { questions } = await fromStore(pull, at, jobOf(pull, at, placement));
    if (!(await isSettled(pull, at, { key, placement, questions }))) await unpackOnTop(pull, at, key);
    return key;
  } catch (error) {
    await dropSnapshot(pull, key);
    throw error;
  }
}

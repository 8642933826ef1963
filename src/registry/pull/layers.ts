import { settle } from '../../layer/settle.ts';
import { storePaths } from '../../store/layout.ts';
import { dropSnapshot } from './drop.ts';
import { fromStore, jobOf, type ObtainedLayer, obtainLayer } from './layer.ts';
import { report } from './report.ts';
import { mountedPlacement } from './target.ts';
import type { LayerPull } from './types.ts';

/**
 * Brings all layers of an image to disk and commits them from the bottom up: all at once where the storage driver can
 * change a snapshot's parent, else one after the other. The first failure stops the rest; what was committed stays.
 */
export async function pullLayers(pull: LayerPull): Promise<void> {
  const stop = new AbortController();
  const linked = { ...pull, signal: AbortSignal.any([pull.signal, stop.signal]) };
  const obtained: Promise<ObtainedLayer>[] = [];
  const start = (at: number) => {
    obtained[at] = obtainLayer(linked, at);
    obtained[at].catch((error) => stop.abort(error));
  };
  const indices = pull.layers.map((_, at) => at);
  let committed = 0;
  try {
    if (pull.driver.rebase) longestFirst(pull, indices).forEach(start);
    for (const at of indices) {
      if (!pull.driver.rebase) start(at);
      await commit(linked, at, await obtained[at]!);
      committed++;
    }
  } catch (error) {
    stop.abort(error);
    await discard(pull, await Promise.allSettled(obtained.slice(committed)));
    // What failed first has stopped the others, and those below it may be told of before it.
    throw pull.signal.aborted ? pull.signal.reason : stop.signal.reason;
  }
}

/** Whoever begins the longest work last, ends last. The lowest layer, a whole system, has many files for its size. */
function longestFirst({ layers }: LayerPull, indices: number[]): number[] {
  const [bottom, ...others] = indices;
  const sorted = others.toSorted((one, other) => layers[other]!.size - layers[one]!.size);
  return bottom === undefined ? [] : [bottom, ...sorted];
}

/** Snapshots that will never be committed. Never throws: somebody may be waiting for each of the layers. */
async function discard(pull: LayerPull, layers: PromiseSettledResult<ObtainedLayer>[]): Promise<void> {
  for (const layer of layers) {
    if (layer.status === 'rejected') continue;
    if (layer.value.key !== undefined) await dropSnapshot(pull, layer.value.key);
    layer.value.release();
  }
}

async function commit(pull: LayerPull, at: number, layer: ObtainedLayer): Promise<void> {
  const { driver, chainIDs } = pull;
  if (layer.key === undefined) return layer.release();
  if (!(await isSettled(pull, at, layer))) await unpackOnTop(pull, at, layer.key);
  const parent = driver.rebase ? chainIDs[at - 1] : undefined;
  await driver.commit(layer.key, chainIDs[at]!, parent);
  layer.release();
  report(pull, at, 'done');
}

/** False when the layer has to be applied again on top of those below. */
export async function isSettled(
  pull: LayerPull,
  at: number,
  layer: Pick<ObtainedLayer, 'key' | 'questions' | 'placement'>,
): Promise<boolean> {
  const { driver, chainIDs, syscalls } = pull;
  const { key, questions, placement } = layer;
  const parent = chainIDs[at - 1];
  if (parent === undefined || placement?.target.mode !== 'overlay') return true;
  const view = `${key}-below`;
  try {
    const below = await driver.view(view, parent);
    return settle({ syscalls, directory: placement.target.directory, below, questions: questions! });
  } finally {
    await dropSnapshot(pull, view);
  }
}

/** Once more, from the stored blob, through a mount of the layers below. */
export async function unpackOnTop(pull: LayerPull, at: number, key: string): Promise<void> {
  const { driver, chainIDs, store } = pull;
  await driver.remove(key);
  const mounts = await driver.prepare(key, chainIDs[at - 1]);
  await fromStore(pull, at, jobOf(pull, at, mountedPlacement(mounts, storePaths.mountPoint(store))));
}

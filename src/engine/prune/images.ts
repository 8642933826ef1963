import { listContainers } from '../../container/list.ts';
import { imagesOfContainer } from '../../container/volumes/images.ts';
import type { StorageDriver } from '../../driver/index.ts';
import { GockerError } from '../../errors.ts';
import { parseConditions } from '../../image/conditions.ts';
import { familiarName, parseReference } from '../../image/reference.ts';
import type { Digest, Image } from '../../image/types.ts';
import { collect, findGarbage, type Garbage, noteGarbage } from '../../store/collect.ts';
import { presentImages } from '../../store/images.ts';
import type { Store } from '../../store/layout.ts';
import { type Ref, readRefs, updateRefs } from '../../store/refs.ts';
import { readUnfinished } from '../../store/unfinished.ts';
import { lockUse } from '../../store/use.ts';
import type { Parts } from '../parts.ts';
import { measureGarbage } from './measure.ts';

export interface PruneOptions {
  /** Named images too, when no container uses them. */
  all?: boolean | undefined;
  /** `until=`, `label=`, `label!=`. */
  filters?: readonly string[] | undefined;
  /** Tells what would go, and takes nothing away. */
  dryRun?: boolean | undefined;
}

export interface PrunedImages {
  /** Names that are gone, as docker shows them. */
  untagged: string[];
  /** Image IDs and chainIDs that are gone. */
  deleted: string[];
  /** Bytes of the disk. */
  reclaimed: number;
  /** A pull is running, or an image is damaged: what was untagged is taken away later. */
  postponed: boolean;
}

/** What `system prune` adds to it. */
export interface FurtherPruning {
  /** Containers that are about to go, for a dry run. */
  leaving?: ReadonlySet<string>;
  /** What unfinished pulls have left is about to go, for a dry run. */
  withUnfinished?: boolean;
}

interface Pruning extends FurtherPruning {
  store: Store;
  driver: StorageDriver;
  isPruned(ref: Ref): boolean;
}

/**
 * `docker image prune`: takes away images without a name, with `all` those too that no container uses, and all that nothing
 * needs then. Throws a UsageError for a filter.
 */
export async function pruneImages(
  parts: Parts,
  options: PruneOptions,
  further: FurtherPruning = {},
): Promise<PrunedImages> {
  const store = await parts.store();
  const driver = await parts.storage();
  const fits = parseConditions(options.filters ?? [], new Date());
  const lock = await lockUse(store);
  try {
    const used = await usedImages(parts, further.leaving ?? new Set());
    const isPruned = (ref: Ref) => {
      if (ref.name !== undefined && !options.all) return false;
      return imagesOf(store, ref)?.every((image) => !used.has(image.id) && fits(prunable(image))) ?? false;
    };
    const pruning = { ...further, store, driver, isPruned };
    return options.dryRun ? await plan(pruning) : await carryOut(pruning);
  } finally {
    lock.release();
  }
}

async function usedImages(parts: Parts, leaving: ReadonlySet<string>): Promise<Set<Digest>> {
  const { containers } = await listContainers(parts.containers);
  const stay = containers.filter(({ id }) => !leaving.has(id));
  return new Set(stay.flatMap(({ config }) => imagesOfContainer(config)));
}

/** Undefined for what cannot be read: that is for `image verify`, or for `rmi`. */
function imagesOf(store: Store, { descriptor }: Ref): Image[] | undefined {
  try {
    const images = presentImages(store, descriptor);
    return images.length === 0 ? undefined : images;
  } catch (error) {
    if (error instanceof GockerError) return undefined;
    throw error;
  }
}

function prunable({ config: { created, config } }: Image) {
  return { created, labels: config.Labels ?? {} };
}

async function plan(pruning: Pruning): Promise<PrunedImages> {
  const { store, driver, leaving = new Set(), isPruned } = pruning;
  const all = await readRefs(store);
  const unfinished = pruning.withUnfinished ? [] : readUnfinished(store);
  const roots = { refs: all.filter((ref) => !isPruned(ref)), unfinished, leaving };
  const garbage = await findGarbage(store, driver, roots);
  return outcome(namesOf(pruning, all), garbage, await measureGarbage(pruning, garbage));
}

async function carryOut(pruning: Pruning): Promise<PrunedImages> {
  const { store, driver, isPruned } = pruning;
  let names: Names = { untagged: [], ids: [] };
  let bytes = 0;
  await noteGarbage(store);
  await updateRefs(store, (refs) => {
    names = namesOf(pruning, refs);
    return refs.filter((ref) => !isPruned(ref));
  });
  const collected = await collect(store, driver, {
    before: async (garbage) => {
      bytes = await measureGarbage(pruning, garbage);
    },
  });
  return outcome(names, collected, bytes);
}

interface Names {
  untagged: string[];
  ids: Digest[];
}

/** What the refs that go are called, and the images that only they name. */
function namesOf({ store, isPruned }: Pruning, refs: Ref[]): Names {
  const idsOf = (some: Ref[]) => some.flatMap((ref) => imagesOf(store, ref) ?? []).map(({ id }) => id);
  const gone = refs.filter(isPruned);
  const stay = new Set(idsOf(refs.filter((ref) => !gone.includes(ref))));
  return {
    untagged: gone.flatMap(({ name }) => (name === undefined ? [] : familiarName(parseReference(name)))),
    ids: [...new Set(idsOf(gone))].filter((id) => !stay.has(id)),
  };
}

function outcome({ untagged, ids }: Names, garbage: Garbage | undefined, bytes: number): PrunedImages {
  const deleted = [...ids, ...(garbage?.snapshots ?? [])];
  return { untagged, deleted, reclaimed: bytes, postponed: garbage === undefined };
}

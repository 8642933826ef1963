import { findContainer } from '../../container/find.ts';
import { imageConfigOf } from '../../container/freeze/image-config.ts';
import { takeLayer } from '../../container/freeze/take.ts';
import { UsageError } from '../../errors.ts';
import { chainIDs } from '../../image/chain-id.ts';
import { applyChanges } from '../../image/change/change.ts';
import { quoted } from '../../image/printable.ts';
import { formatReference, parseReference } from '../../image/reference.ts';
import type { Descriptor, Digest } from '../../image/types.ts';
import { markPull } from '../../store/ingest.ts';
import type { Store } from '../../store/layout.ts';
import { setRef, updateRefs } from '../../store/refs.ts';
import type { Parts } from '../parts.ts';
import { baseOf, checkLayers } from './base.ts';
import { writeImage } from './documents.ts';

export interface CommitOptions {
  /** `NAME` or `NAME:TAG` of the image; it has none without it. */
  name?: string;
  message?: string;
  author?: string;
  /** Instructions as in a Dockerfile. */
  changes?: string[];
  /** Stops the processes while files are copied; true when absent. */
  pause?: boolean;
}

/**
 * `docker commit`: an image of a container as it is, and its ID. Of a stopped container nothing is copied; archive and digests
 * of the new layer are made when somebody needs them (`complete`). Throws CONTAINER_NOT_FOUND, INVALID_CHANGE, INVALID_TARGET,
 * TOO_MANY_LAYERS and what the storage driver throws.
 */
export async function commitContainer(parts: Parts, text: string, options: CommitOptions): Promise<Digest> {
  const { name, changes = [], pause = true, message, author } = options;
  const target = name === undefined ? undefined : targetOf(name);
  const store = await parts.store();
  const context = parts.containers;
  const { id, ...found } = await findContainer(context, text);
  const base = await baseOf(parts, { id, ...found });
  const run = applyChanges(imageConfigOf(found.config, base.config.config), changes);
  const saying = { run, created: context.now(), ...(message && { message }), ...(author && { author }) };
  const mark = await markPull(store);
  try {
    const options = {
      id,
      pause,
      keyPrefix: mark.keyPrefix,
      nameOf: (container: typeof found & { id: string }, digests: string[]) => {
        const all = [...base.config.diffIDs, ...(digests as Digest[])];
        checkLayers(all.length, container);
        return chainIDs(all).at(-1)!;
      },
    };
    return await takeLayer(context, options, async (taken) => {
      const image = await writeImage(store, { ...taken, base, saying });
      await addRef(store, target, image.manifest);
      return image.id;
    });
  } finally {
    mark.done();
  }
}

function targetOf(name: string): string {
  const reference = parseReference(name);
  if (reference.digest === undefined) return formatReference(reference);
  throw new UsageError('INVALID_TARGET', `${quoted(name)} has a digest, which names nothing but itself`, {
    hint: 'write NAME:TAG for the image',
  });
}

async function addRef(store: Store, name: string | undefined, descriptor: Descriptor): Promise<void> {
  if (name !== undefined) await setRef(store, name, descriptor);
  else await updateRefs(store, (refs) => [...refs, { descriptor }]);
}

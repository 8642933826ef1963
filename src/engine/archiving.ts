import { importImage } from '../archive/import.ts';
import { loadImages } from '../archive/load.ts';
import type { ArchiveInput } from '../archive/open.ts';
import { type ArchiveOutput, writeOutput } from '../archive/output.ts';
import { type SavedImage, type SaveTarget, saveImages } from '../archive/save.ts';
import type { ContainerContext } from '../container/context.ts';
import { withRoot } from '../container/copy/root.ts';
import { applyChanges } from '../image/change/change.ts';
import { withoutFormerIDs } from '../image/deferred.ts';
import { hostPlatform, normalise, parsePlatform } from '../image/platform.ts';
import { familiarName, familiarRepository, formatReference, parseReference } from '../image/reference.ts';
import type { Descriptor, Digest } from '../image/types.ts';
import { packTree } from '../layer/pack/pack.ts';
import { readRegistrySettings } from '../registry/config.ts';
import { download } from '../registry/download.ts';
import { redacted } from '../registry/error.ts';
import { closureOf } from '../store/closure.ts';
import type { Store } from '../store/layout.ts';
import { targetReference, topOf } from '../store/names.ts';
import { readRefs } from '../store/refs.ts';
import { resolveImage } from '../store/resolve.ts';
import { complete } from './commit/complete.ts';
import type { Parts } from './parts.ts';
import { unpack } from './pull.ts';

export interface SaveOptions {
  /** `OS/ARCH[/VARIANT]`: that image of a multi-platform one alone. */
  platform?: string | undefined;
}

/** Throws IMAGE_NOT_FOUND, AMBIGUOUS_ID, and what `saveImages` throws. */
export async function save(
  parts: Parts,
  texts: readonly string[],
  { to, platform }: SaveOptions & { to: SaveTarget },
): Promise<void> {
  const store = await parts.store();
  const found = new Map<Digest, SavedImage>();
  for (const text of texts) {
    for (const name of await namesFor(store, text)) {
      const one = await imageFor(parts, name, platform);
      const names = [...(found.get(one.top.digest)?.names ?? []), ...one.names];
      found.set(one.top.digest, { ...one, names: [...new Set(names)] });
    }
  }
  await saveImages(store, [...found.values()], to);
}

/** All tags of a repository when none is said, as docker does; where there is none, what else the text may be. */
async function namesFor(store: Store, text: string): Promise<string[]> {
  const wanted = /^[0-9a-f]{64}$|^sha256:/.test(text) ? undefined : parseReference(text);
  if (wanted === undefined || familiarRepository(wanted) !== text) return [text];
  const tags = (await readRefs(store)).flatMap(({ name }) => {
    const reference = name === undefined ? undefined : parseReference(name);
    const isOne = reference?.tag !== undefined && familiarRepository(reference) === text;
    return isOne ? [familiarName(reference)] : [];
  });
  return tags.length === 0 ? [text] : tags;
}

async function imageFor(parts: Parts, text: string, platform: string | undefined): Promise<SavedImage> {
  const store = await parts.store();
  const wanted = platform === undefined ? undefined : parsePlatform(platform);
  await complete(parts, (await resolveImage(store, text, wanted)).found.image);
  const resolved = await resolveImage(store, text, wanted);
  const { image } = resolved.found;
  const isTag = resolved.reference !== undefined && parseReference(resolved.reference).digest === undefined;
  const names = isTag ? [formatReference(parseReference(resolved.reference!))] : [];
  const whole = withoutFormerIDs(topOf(resolved));
  const isHere = (top: Descriptor) => closureOf(store, top).missing.length === 0;
  if (wanted === undefined && isHere(whole)) return { top: whole, image, names };
  // Of an image that is damaged there is nothing to say: it is not saved.
  if (wanted === undefined && isHere(image.manifest)) {
    const { os, architecture } = image.config.platform;
    parts.log(`${text}: only ${os}/${architecture} is saved, the other platforms are not here`);
  }
  return { top: image.manifest, image, names };
}

export interface LoadResult {
  id: Digest;
  /** As docker shows them. */
  names: string[];
}

/** Throws what `loadImages` throws. */
export async function load(parts: Parts, input: ArchiveInput, label: string): Promise<LoadResult[]> {
  const [store, driver] = [await parts.store(), await parts.storage()];
  await driver.probe();
  const loaded = await loadImages({
    ...{ store, driver, input, label },
    unpack: (image) => unpack(parts, image),
    onLoaded: ({ replaced }) => {
      for (const { name, id } of replaced) {
        const shown = familiarName(parseReference(name));
        parts.log(`The image ${shown} already exists, renaming the old one with ID ${id} to empty string`);
      }
    },
  });
  return loaded.map(({ id, names }) => ({
    id,
    names: names.map((name) => familiarName(parseReference(name))),
  }));
}

export interface ImportOptions {
  /** `NAME[:TAG]`; none leaves the image without a name. */
  name?: string;
  /** Instructions as in a Dockerfile. */
  changes?: readonly string[];
  /** For `history`; says where from when absent. */
  message?: string | undefined;
  /** `OS/ARCH[/VARIANT]`; this machine's when absent. */
  platform?: string | undefined;
}

/** Throws INVALID_REFERENCE, INVALID_CHANGE, INVALID_PLATFORM, and what `importImage` and the network throw. */
export async function importFrom(
  parts: Parts,
  source: ArchiveInput,
  { name, changes = [], message, platform }: ImportOptions,
): Promise<Digest> {
  const reference = name === undefined ? undefined : targetReference(name);
  const config = applyChanges({}, changes);
  const wanted = platform === undefined ? hostPlatform() : parsePlatform(platform);
  const [store, driver] = [await parts.store(), await parts.storage()];
  await driver.probe();
  const label = labelOf(source);
  return await importImage({
    ...{ store, driver, label, config },
    ...(reference !== undefined && { name: formatReference(reference) }),
    input: isURL(source) ? await openURL(parts, new URL(source)) : source,
    platform: normalise(wanted),
    message: message ?? `Imported from ${typeof source === 'string' ? label : '-'}`,
    created: new Date().toISOString(),
    unpack: (image) => unpack(parts, image),
  });
}

function isURL(source: ArchiveInput): source is string {
  return typeof source === 'string' && /^https?:\/\//i.test(source) && URL.canParse(source);
}

/** A URL without what may be secret. */
function labelOf(source: ArchiveInput): string {
  if (typeof source !== 'string') return 'standard input';
  return isURL(source) ? redacted(new URL(source)) : source;
}

async function openURL({ userAgent }: Parts, url: URL): Promise<NodeJS.ReadableStream> {
  const settings = await readRegistrySettings();
  return await download(url, { userAgent, settings });
}

/** Throws CONTAINER_NOT_FOUND, and what the file system says. */
export async function exportFrom(
  { syscalls }: Parts,
  context: ContainerContext,
  { container, to }: { container: string; to: ArchiveOutput },
): Promise<void> {
  await withRoot(context, { container, bare: true }, async (directory) =>
    writeOutput(packTree({ syscalls, directory, what: 'tree', withRoot: true }), to),
  );
}

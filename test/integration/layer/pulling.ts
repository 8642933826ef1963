/** A store, a registry, and pulls from one into the other. */
import { afterEach, beforeEach } from 'vitest';
import { parseReference } from '../../../src/image/reference.ts';
import { createRegistryClient, type RegistryClientOptions } from '../../../src/registry/client.ts';
import { type PullOptions, pullImage } from '../../../src/registry/pull.ts';
import { type BuiltImage, buildImage } from '../../fixtures/image.ts';
import { makePlace, type TestPlace } from '../../fixtures/place.ts';
import { startRegistry, type TestRegistry } from '../../fixtures/registry.ts';
import type { Entry } from '../../fixtures/tar.ts';

export let place: TestPlace;
export let registry: TestRegistry;

beforeEach(async () => {
  place = await makePlace();
  registry = await startRegistry();
});
afterEach(async () => {
  await registry.close();
  await place.remove();
});

export function pull(name: string, more: Partial<PullOptions> = {}, client: RegistryClientOptions = {}) {
  return pullImage({
    ...place,
    syscalls: place.store.syscalls,
    reference: parseReference(`${registry.host}/${name}`),
    client: createRegistryClient(client),
    ...more,
  });
}

export const directory = (name: string, more: Partial<Entry> = {}): Entry => ({
  name,
  type: 'directory',
  ...more,
});
export const blobPath = (image: BuiltImage, at = 0) => `/v2/a/blobs/${image.layers[at]!.digest}`;

export function add(...layers: Entry[][]): BuiltImage {
  const image = buildImage({ layers: layers.map((entries) => ({ entries })) });
  registry.addImage('a', '1', image);
  return image;
}

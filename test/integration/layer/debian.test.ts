import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseReference } from '../../../src/image/reference.ts';
import { createRegistryClient } from '../../../src/registry/client.ts';
import { pullImage } from '../../../src/registry/pull.ts';
import { listImage } from '../../fixtures/mounted.ts';
import { makePlace, type TestPlace } from '../../fixtures/place.ts';
import { type Listing, listTree } from '../../fixtures/tree.ts';
import { image, integration } from '../helpers.ts';

const places: TestPlace[] = [];
let place: TestPlace;
async function newPlace(): Promise<TestPlace> {
  const made = await makePlace();
  places.push(made);
  return made;
}
beforeEach(async () => {
  place = await newPlace();
});
afterEach(async () => {
  for (const made of places.splice(0)) await made.remove();
});

async function ours(name: string, where = place): Promise<Listing> {
  const { image: pulled } = await pullImage({
    ...where,
    syscalls: where.store.syscalls,
    reference: parseReference(image(name)),
    client: createRegistryClient(),
  });
  return listImage(where, pulled);
}

function umocis(name: string): Listing {
  const [layout, tree] = [join(place.root, 'layout'), join(place.root, 'tree')];
  const options = ['--quiet', '--insecure-policy', '--src-tls-verify=false', '--format', 'oci'];
  execFileSync('skopeo', ['copy', ...options, `docker://${image(name)}`, `oci:${layout}:it`], {
    stdio: 'pipe',
  });
  execFileSync('umoci', ['raw', 'unpack', '--image', `${layout}:it`, tree], { stdio: 'pipe' });
  return listTree(tree);
}

integration('an image out of docker-registry', () => {
  it.each([
    ['busybox:1', 5],
    ['busybox:schema2', 5],
    ['debian:1', 5000],
  ])('%s unpacks to the tree that umoci makes of it', { timeout: 300_000 }, async (name, least) => {
    const listing = await ours(name);
    expect(Object.keys(listing).length).toBeGreaterThan(least);
    expect(listing).toEqual(umocis(name));
  });

  it('is the same tree from gzip, zstd and plain layers', async () => {
    const listing = await ours('busybox:1');
    expect(await ours('busybox:zstd', await newPlace())).toEqual(listing);
    expect(await ours('busybox:plain', await newPlace())).toEqual(listing);
  });
});

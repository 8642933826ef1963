import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseReference } from '../../../src/image/reference.ts';
import { createRegistryClient } from '../../../src/registry/client.ts';
import { pullImage } from '../../../src/registry/pull.ts';
import { listImages } from '../../../src/store/images.ts';
import { buildImage } from '../../fixtures/image.ts';
import { makePlace, type TestPlace } from '../../fixtures/place.ts';
import { startRegistry, type TestRegistry } from '../../fixtures/registry.ts';

let place: TestPlace;
let registry: TestRegistry;

beforeEach(async () => {
  place = await makePlace();
  registry = await startRegistry();
});
afterEach(async () => {
  await registry.close();
  await place.remove();
});

function pull(name: string) {
  return pullImage({
    ...place,
    syscalls: place.store.syscalls,
    reference: parseReference(`${registry.host}/${name}`),
    client: createRegistryClient(),
  });
}

describe('pull', () => {
  it('gets an image of one layer', async () => {
    const image = buildImage({
      layers: [
        {
          entries: [
            { name: 'etc', type: 'directory' },
            { name: 'etc/motd', body: 'hello' },
          ],
        },
      ],
    });
    registry.addImage('a', '1', image);
    const result = await pull('a:1');
    expect(result.status).toBe('downloaded');
    expect((await pull('a:1')).status).toBe('up-to-date');
    const { images } = await listImages(place.store);
    expect(images.map((one) => one.references)).toEqual([[`${registry.host}/a:1`]]);
  });
});

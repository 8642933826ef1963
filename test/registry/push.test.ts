import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { putBlob } from '../../src/store/blobs.ts';
import { storePaths } from '../../src/store/layout.ts';
import { failure, image as plain } from '../fixtures/client.ts';
import { buildImage, buildIndex } from '../fixtures/image.ts';
import { big, ends, keep, layer, lines, open, push, registry, sent, store } from './pushing.ts';

describe('push', () => {
  it('sends what is not there, and the tag last', async () => {
    await open();
    await keep(big);
    const seen = await push(big);
    expect(ends(seen)).toEqual(['pushed']);
    expect(seen.at(-2)).toEqual({
      digest: layer.digest,
      phase: 'pushing',
      current: layer.size,
      total: layer.size,
    });
    expect(registry.contents()).toEqual(
      expect.arrayContaining(['new/app/1', `new/app/${big.digest}`, `new/app/${layer.digest}`]),
    );
    expect(sent().at(-1)).toBe('PUT /v2/new/app/manifests/1');
    const put = registry.requests.at(-1)!;
    expect(put.headers['content-type']).toBe(big.mediaType);
    expect(registry.uploads.received()).toBe(layer.size + big.config.size);
  });

  it('sends nothing but the tag when all is there', async () => {
    await open();
    await keep(big);
    await push(big);
    registry.reset();
    expect(ends(await push(big))).toEqual(['exists']);
    expect(sent().sort()).toEqual([
      ...big.blobs.map(({ digest }) => `HEAD /v2/new/app/blobs/${digest}`).sort(),
      'PUT /v2/new/app/manifests/1',
    ]);
  });

  it('takes blobs out of other repositories, and sends those that they do not have', async () => {
    await open();
    registry.addBlob('base', layer);
    await keep(big);
    const seen = await push(big, { sourcesOf: () => ['nosuch', 'base'] });
    expect(seen.at(-1)).toMatchObject({ phase: 'mounted', from: 'base' });
    expect(registry.uploads.received()).toBe(big.config.size);
  });

  it('brings an index with all that is in it, and whatever else it names', async () => {
    await open();
    const attestation = buildImage({
      platform: { os: 'unknown', architecture: 'unknown' },
      layers: [{ bytes: Buffer.from('{}'), compression: 'none' }],
      editManifest: (manifest) => {
        const [only] = manifest.layers as { mediaType: string }[];
        return { ...manifest, layers: [{ ...only, mediaType: 'application/vnd.in-toto+json' }] };
      },
    });
    const arm = buildImage({ platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } });
    const index = buildIndex([plain, arm, attestation]);
    await keep(index);
    await push(index);
    expect(registry.contents()).toEqual(
      expect.arrayContaining(
        [index, plain, arm, attestation].map(({ digest }) => `new/app/${digest}`).concat('new/app/1'),
      ),
    );
    expect(sent().at(-1)).toBe('PUT /v2/new/app/manifests/1');
  });

  it('of an index whose images are not all here brings one, unless the others are there', async () => {
    await open();
    const arm = buildImage({ platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } });
    const index = buildIndex([plain, arm]);
    await keep(buildIndex([plain]));
    await putBlob(store, index.bytes);
    await push(index);
    expect(registry.contents()).toContain(`new/app/${plain.digest}`);
    expect(registry.contents()).not.toContain(`new/app/${index.digest}`);
    expect(lines.join()).toContain('--all-platforms');
    registry.addImage('new/app', 'arm', arm);
    await push(index);
    expect(registry.contents()).toContain(`new/app/${index.digest}`);
  });

  it('is refused when a part of the image itself is missing', async () => {
    await open();
    await keep(big);
    rmSync(storePaths.blob(store, layer.digest));
    expect(await failure(push(big))).toMatchObject({
      code: 'INCOMPLETE_IMAGE',
      message: expect.stringContaining(layer.digest),
    });
    expect(sent()).toEqual([]);
  });
});

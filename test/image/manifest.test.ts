import { describe, expect, test } from 'vitest';
import { isIndex, parseIndex, parseManifest, parseManifestOrIndex } from '../../src/image/manifest.ts';
import { MEDIA_TYPE } from '../../src/image/media-type.ts';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const config = { mediaType: MEDIA_TYPE.ociConfig as string, digest: DIGEST, size: 2 };
const layer = { mediaType: `${MEDIA_TYPE.ociLayer}+gzip`, digest: DIGEST, size: 3 };
const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest as string, config, layers: [layer] };
const index = {
  schemaVersion: 2,
  mediaType: MEDIA_TYPE.ociIndex as string,
  manifests: [{ mediaType: MEDIA_TYPE.ociManifest, digest: DIGEST, size: 4 }],
};
const bytes = (document: unknown) => Buffer.from(JSON.stringify(document));
const readManifest = (document: unknown) => parseManifest(bytes(document), MEDIA_TYPE.ociManifest);

describe('a manifest', () => {
  test('is read; extra and null fields are passed over', () => {
    expect(readManifest({ ...manifest, annotations: null, subject: config })).toEqual({
      mediaType: MEDIA_TYPE.ociManifest,
      config,
      layers: [layer],
    });
  });

  test('of docker is read as the same, without a mediaType of its own too', () => {
    const docker = {
      schemaVersion: 2,
      config: { ...config, mediaType: MEDIA_TYPE.dockerConfig },
      layers: [{ ...layer, mediaType: `${MEDIA_TYPE.dockerLayer}.gzip` }],
    };
    expect(parseManifestOrIndex(bytes(docker), MEDIA_TYPE.dockerManifest)).toMatchObject({
      mediaType: MEDIA_TYPE.dockerManifest,
      layers: [{ digest: DIGEST }],
    });
  });

  test('has at most 127 layers', () => {
    expect(readManifest({ ...manifest, layers: Array(127).fill(layer) })).toHaveProperty(
      'layers.length',
      127,
    );
    expect(() => readManifest({ ...manifest, layers: Array(128).fill(layer) })).toThrow(
      'more than 127 layers',
    );
  });

  test.each([
    [{ ...manifest, manifests: [] }, 'ambiguous'],
    [{ ...manifest, manifests: null }, 'ambiguous'],
    [{ ...manifest, fsLayers: [] }, 'ambiguous'],
    [{ ...manifest, mediaType: MEDIA_TYPE.dockerManifest }, 'but came as'],
    [{ ...manifest, mediaType: MEDIA_TYPE.ociIndex }, 'but came as'],
    [{ ...manifest, mediaType: 7 }, 'mediaType'],
    [{ ...manifest, schemaVersion: 3 }, 'schemaVersion'],
    [{ ...manifest, schemaVersion: undefined }, 'schemaVersion'],
    [{ ...manifest, config: undefined }, 'config'],
    [{ ...manifest, layers: null }, 'layers'],
    [{ ...manifest, layers: {} }, 'layers'],
    [{ ...manifest, layers: [{ ...layer, size: -1 }] }, 'layers.0.size: negative'],
    [{ ...manifest, layers: [{ ...layer, size: 1.5 }] }, 'layers.0.size'],
    [{ ...manifest, layers: [{ ...layer, size: 2 ** 53 }] }, 'layers.0.size'],
    [{ ...manifest, layers: [{ ...layer, size: '3' }] }, 'layers.0.size'],
    [{ ...manifest, layers: [{ ...layer, digest: 'sha256:../../x' }] }, 'layers.0.digest'],
    [{ ...manifest, layers: [{ ...layer, digest: DIGEST.toUpperCase() }] }, 'layers.0.digest'],
    [{ ...manifest, layers: [{ ...layer, mediaType: 'nonsense' }] }, 'not a media type'],
    [{ ...manifest, annotations: { a: 1 } }, 'annotations.a'],
    [[], 'manifest'],
    [null, 'manifest'],
  ])('is refused: %#', (document, why) => {
    expect(() => readManifest(document)).toThrowError(expect.objectContaining({ code: 'INVALID_MANIFEST' }));
    expect(() => readManifest(document)).toThrow(why);
  });

  test('of another kind of artifact is refused with a hint', () => {
    const chart = {
      ...manifest,
      config: { ...config, mediaType: 'application/vnd.cncf.helm.config.v1+json' },
    };
    expect(() => readManifest(chart)).toThrow('not a container image');
    const layers = [{ ...layer, mediaType: 'application/vnd.oci.image.layer.v1.tar+brotli' }];
    expect(() => readManifest({ ...manifest, layers })).toThrow('cannot be unpacked');
  });

  test('of schema 1 or an unknown type is refused with a hint', () => {
    const old = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
    expect(() => parseManifestOrIndex(bytes({ schemaVersion: 1 }), old)).toThrowError(
      expect.objectContaining({ code: 'UNSUPPORTED_MEDIA_TYPE', hint: expect.stringContaining('schema 1') }),
    );
    expect(() => readManifest({ schemaVersion: 1, fsLayers: [] })).toThrowError(
      expect.objectContaining({ code: 'UNSUPPORTED_MEDIA_TYPE' }),
    );
    expect(() => parseManifestOrIndex(bytes(manifest), 'application/json')).toThrow('unsupported type');
    expect(() => parseManifest(bytes(index), MEDIA_TYPE.ociIndex)).toThrow('unsupported type');
  });
});

describe('an index', () => {
  const readIndex = (document: unknown) => parseIndex(bytes(document), MEDIA_TYPE.ociIndex);

  test('is read with its platforms', () => {
    const platform = { os: 'linux', architecture: 'arm', variant: 'v7', 'os.version': '1' };
    const document = { ...index, manifests: [{ ...index.manifests[0], platform }] };
    const read = parseManifestOrIndex(bytes(document), MEDIA_TYPE.ociIndex);
    expect(isIndex(read) && read.manifests[0]!.platform).toEqual({
      os: 'linux',
      architecture: 'arm',
      variant: 'v7',
    });
    expect(isIndex(readManifest(manifest))).toBe(false);
  });

  test.each([
    [{ ...index, layers: [] }, 'ambiguous'],
    [{ ...index, config }, 'ambiguous'],
    [{ ...index, mediaType: MEDIA_TYPE.ociManifest }, 'but came as'],
    [{ ...index, manifests: null }, 'manifests'],
    [{ ...index, manifests: [{ ...index.manifests[0], platform: 'linux' }] }, 'platform'],
  ])('is refused: %#', (document, why) => {
    expect(() => readIndex(document)).toThrow(why);
    expect(readIndex(index).manifests).toHaveLength(1);
  });
});

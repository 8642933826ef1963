import { expect, test } from 'vitest';
import { baseMediaType, isSchema1Type, layerCompression } from '../../src/image/media-type.ts';

test.each([
  ['application/vnd.oci.image.layer.v1.tar', 'none'],
  ['application/vnd.oci.image.layer.v1.tar+gzip', 'gzip'],
  ['application/vnd.oci.image.layer.v1.tar+zstd', 'zstd'],
  ['application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', 'gzip'],
  ['application/vnd.docker.image.rootfs.diff.tar', 'none'],
  ['application/vnd.docker.image.rootfs.diff.tar.gzip', 'gzip'],
  ['application/vnd.docker.image.rootfs.diff.tar.zstd', 'zstd'],
  ['application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'gzip'],
  ['application/vnd.oci.image.layer.v1.tar+xz', undefined],
  ['application/vnd.oci.image.config.v1+json', undefined],
])('%s is packed with %s', (mediaType, compression) => {
  expect(layerCompression(mediaType)).toBe(compression);
});

test('Content-Type without its parameters', () => {
  expect(baseMediaType('Text/HTML; charset=utf-8')).toBe('text/html');
  expect(baseMediaType(undefined)).toBe('');
});

test('schema 1, signed and not', () => {
  expect(isSchema1Type('application/vnd.docker.distribution.manifest.v1+prettyjws')).toBe(true);
  expect(isSchema1Type('application/vnd.docker.distribution.manifest.v1+json')).toBe(true);
  expect(isSchema1Type('application/vnd.docker.distribution.manifest.v2+json')).toBe(false);
});

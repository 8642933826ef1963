import { expect, test } from 'vitest';
import { GockerError } from '../../src/errors.ts';
import { checkLayerCount, parseImageConfig } from '../../src/image/config.ts';
import { parseManifest } from '../../src/image/manifest.ts';
import { MEDIA_TYPE } from '../../src/image/media-type.ts';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const good = {
  architecture: 'arm64',
  os: 'linux',
  variant: 'v8',
  created: '2024-01-02T03:04:05.123456789Z',
  config: {
    User: 'app:app',
    Env: ['PATH=/bin', 'EMPTY=', 'TWO=a=b\nc'],
    Cmd: ['sh'],
    ExposedPorts: { '80/tcp': {}, '53': {}, '8000-8010/udp': {} },
    Labels: { 'a.b': 'c' },
    StopSignal: 'SIGRTMIN+3',
  },
  rootfs: { type: 'layers', diff_ids: [DIGEST] },
  history: [{ created: '2024-01-02T03:04:05Z', created_by: 'x', empty_layer: true }],
};
const read = (config: unknown) => parseImageConfig(Buffer.from(JSON.stringify(config)));

test('reads what docker and buildkit write', () => {
  expect(read(good)).toEqual({
    platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
    created: good.created,
    config: good.config,
    diffIDs: [DIGEST],
    history: good.history,
  });
});

test('null stands for absent', () => {
  const nulls = {
    Cmd: null,
    Entrypoint: null,
    Env: null,
    Labels: null,
    Volumes: null,
    ExposedPorts: null,
    OnBuild: null,
  };
  expect(read({ ...good, config: nulls, history: null, variant: '' })).toMatchObject({
    platform: { os: 'linux', architecture: 'arm64' },
    config: {},
    history: [],
  });
  expect(read({ ...good, config: null, rootfs: { type: 'layers', diff_ids: null } })).toMatchObject({
    config: {},
    diffIDs: [],
  });
});

test.each([
  ['Cmd', 'echo hi'],
  ['Cmd', [1]],
  ['Cmd', [null]],
  ['Cmd', ['a\0b']],
  ['Entrypoint', { 0: 'sh' }],
  ['Env', ['NOVALUE']],
  ['Env', ['=x']],
  ['Env', 'A=b'],
  ['Env', ['A=\0']],
  ['User', {}],
  ['User', 0],
  ['User', 'a\nb'],
  ['WorkingDir', ['/']],
  ['StopSignal', 9],
  ['StopSignal', '; rm -rf /'],
  ['ExposedPorts', { '99999/tcp': {} }],
  ['ExposedPorts', { '80/xyz': {} }],
  ['Volumes', ['/data']],
  ['Labels', { a: 1 }],
  ['Labels', []],
])('refuses config.%s = %j', (key, value) => {
  const config = { ...good.config, [key]: value };
  expect(() => read({ ...good, config })).toThrowError(expect.objectContaining({ code: 'INVALID_CONFIG' }));
  expect(() => read({ ...good, config })).toThrow(`config.${key}`);
});

test.each([
  [{ ...good, rootfs: undefined }],
  [{ ...good, rootfs: { type: 'overlay', diff_ids: [] } }],
  [{ ...good, rootfs: { type: 'layers', diff_ids: ['sha256:x'] } }],
  [{ ...good, rootfs: { type: 'layers', diff_ids: Array(128).fill(DIGEST) } }],
  [{ ...good, os: '' }],
  [{ ...good, architecture: undefined }],
  [{ ...good, created: 'yesterday' }],
  [{ ...good, history: [{ empty_layer: 'yes' }] }],
  [{ ...good, config: [] }],
  [[]],
  [7],
])('refuses a malformed config: %#', (config) => {
  expect(() => read(config)).toThrowError(expect.objectContaining({ code: 'INVALID_CONFIG' }));
});

test('as many diffIDs as layers', () => {
  const layer = { mediaType: MEDIA_TYPE.ociLayer, digest: DIGEST, size: 1 };
  const manifestOf = (count: number) =>
    parseManifest(
      Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          config: { mediaType: MEDIA_TYPE.ociConfig, digest: DIGEST, size: 1 },
          layers: Array(count).fill(layer),
        }),
      ),
      MEDIA_TYPE.ociManifest,
    );
  checkLayerCount(read(good), manifestOf(1));
  expect(() => checkLayerCount(read(good), manifestOf(2))).toThrow(
    'names 1 diffIDs but the manifest has 2 layers',
  );
});

test('mutated configs give a config or a GockerError', () => {
  const text = JSON.stringify(good);
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  const pieces = ['null', '{}', '[]', '-1', '1e999', '"x"', '"', ',', ':', '\\u0000', '__proto__', ''];
  let refused = 0;
  for (let round = 0; round < 5000; round++) {
    const at = next(text.length);
    const mutated = text.slice(0, at) + pieces[next(pieces.length)] + text.slice(at + next(12));
    try {
      parseImageConfig(Buffer.from(mutated));
    } catch (error) {
      if (!(error instanceof GockerError)) throw error;
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(1000);
});

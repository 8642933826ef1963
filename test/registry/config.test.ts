import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRegistrySettings } from '../../src/registry/config.ts';
import { failure } from '../fixtures/client.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gocker-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function read(document: unknown, mirrors?: string) {
  const path = join(folder, 'config.json');
  await writeFile(path, typeof document === 'string' ? document : JSON.stringify(document));
  const { mirrors: read, insecure } = await settings({
    GOCKER_CONFIG: path,
    ...(mirrors !== undefined && { GOCKER_MIRRORS: mirrors }),
  });
  return { mirrors: read, insecure };
}

/** Of a machine that has nothing but what is in `folder`. */
function settings(env: NodeJS.ProcessEnv) {
  const places = {
    own: join(folder, 'etc/config.json'),
    containers: join(folder, 'etc/containers'),
    certs: ['/c'],
  };
  return readRegistrySettings({ HOME: folder, ...env }, places);
}

test('mirrors and plain registries; other keys are passed over', async () => {
  const mirrors = { 'docker.io': ['http://127.0.0.1:5001', 'ustc'], 'box:5000': ['https://m.io'] };
  expect(await read({ mirrors, insecure: ['box:5000', '[::1]:1'], root: '/x' })).toEqual({
    mirrors,
    insecure: ['box:5000', '[::1]:1'],
  });
  expect(await read({})).toEqual({ mirrors: {}, insecure: [] });
});

test.each([
  ['ustc', { 'docker.io': ['ustc'] }],
  ['docker.io=http://127.0.0.1:5001,ustc', { 'docker.io': ['http://127.0.0.1:5001', 'ustc'] }],
  [
    ' docker.io = ustc ; quay.io=https://m.io , https://n.io ;',
    { 'docker.io': ['ustc'], 'quay.io': ['https://m.io', 'https://n.io'] },
  ],
  ['docker.io=', { 'docker.io': [] }],
  ['', { 'docker.io': ['https://file.io'] }],
])('GOCKER_MIRRORS=%j goes over the file', async (text, mirrors) => {
  const file = { mirrors: { 'docker.io': ['https://file.io'] } };
  expect((await read(file, text)).mirrors).toEqual({ ...file.mirrors, ...mirrors });
});

test.each([
  [{ mirrors: { 'docker.io': 'ustc' } }, 'INVALID_SETTINGS', 'mirrors.docker.io'],
  [{ mirrors: { 'https://docker.io': [] } }, 'INVALID_SETTINGS', 'not a registry'],
  [{ mirrors: ['ustc'] }, 'INVALID_SETTINGS', 'mirrors'],
  [{ insecure: 'box' }, 'INVALID_SETTINGS', 'insecure'],
  [{ insecure: ['http://box'] }, 'INVALID_SETTINGS', 'not a registry'],
  [{ mirrors: { 'docker.io': ['nowhere'] } }, 'INVALID_MIRROR', 'nowhere'],
  ['{"mirrors":{},"mirrors":{}}', 'INVALID_JSON', 'twice'],
  ['', 'INVALID_JSON', 'empty'],
])('a malformed file: %j', async (document, code, why) => {
  const error = await failure(read(document));
  expect(error.code).toBe(code);
  expect(error.message).toContain(why);
});

test.each([
  ['http://x=ustc', 'INVALID_SETTINGS'],
  ['docker.io=ftp://x', 'INVALID_MIRROR'],
  ['quay.io=ustc', 'INVALID_MIRROR'],
])('a malformed GOCKER_MIRRORS: %j', async (text, code) => {
  expect((await failure(read({}, text))).code).toBe(code);
});

test('a file that was named must be there', async () => {
  const error = await failure(settings({ GOCKER_CONFIG: join(folder, 'none') }));
  expect(error).toMatchObject({
    code: 'INVALID_SETTINGS',
    message: `cannot read the settings file ${folder}/none`,
  });
});

test('a machine without any files', async () => {
  expect(await settings({})).toEqual({
    mirrors: {},
    insecure: [],
    rules: [],
    certsFolders: [join(folder, '.config/containers/certs.d'), '/c'],
  });
});

test('proxies, and registries.conf', async () => {
  await writeFile(join(folder, 'r.conf'), '[[registry]]\nlocation = "a.io"\n');
  const env = { CONTAINERS_REGISTRIES_CONF: join(folder, 'r.conf'), https_proxy: 'p:3128', NO_PROXY: 'x' };
  const { rules, proxies } = await settings(env);
  expect(rules!.map(({ prefix }) => prefix)).toEqual(['a.io']);
  expect([proxies?.https?.url.href, proxies?.http, proxies?.direct]).toEqual([
    'http://p:3128/',
    undefined,
    'x',
  ]);
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dockerCredentials, registryKey } from '../../src/registry/credentials.ts';
import { failure } from '../fixtures/client.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gocker-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

const base64 = (text: string) => Buffer.from(text).toString('base64');
async function find(registry: string, document: unknown) {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  await writeFile(join(folder, 'config.json'), text);
  const found = await dockerCredentials({ DOCKER_CONFIG: folder })(registry);
  return found && `${found.username}:${found.password}`;
}

test.each([
  ['docker.io', 'https://index.docker.io/v1/'],
  ['docker.io', 'index.docker.io'],
  ['docker.io', 'docker.io'],
  ['docker.io', 'https://registry-1.docker.io/v2/'],
  ['quay.io', 'quay.io'],
  ['quay.io', 'https://quay.io'],
  ['quay.io', 'https://QUAY.io/v2/'],
  ['box:5000', 'http://box:5000/v1/'],
  ['[::1]:5000', '[::1]:5000'],
])('%s is found under %s', async (registry, key) => {
  expect(registryKey(key)).toBe(registry);
  expect(await find(registry, { auths: { [key]: { auth: base64('me:pa:ss') } } })).toBe('me:pa:ss');
});

test.each(['quay.io:8443', 'quay.io.evil.io', 'sub.quay.io', 'evil.io', 'constructor'])(
  '%s is not given the login of quay.io',
  async (registry) => {
    expect(await find(registry, { auths: { 'quay.io': { auth: base64('me:pw') } } })).toBeUndefined();
  },
);

test('user name and password in the open, padding, empty entries', async () => {
  expect(await find('a.io', { auths: { 'a.io': { username: 'u', password: 'p' } } })).toBe('u:p');
  expect(await find('a.io', { auths: { 'a.io': { auth: base64('u:p\0\0') } } })).toBe('u:p');
  expect(await find('a.io', { auths: { 'a.io': {} } })).toBeUndefined();
  expect(await find('a.io', { credsStore: 'desktop' })).toBeUndefined();
  expect(await find('a.io', { auths: null })).toBeUndefined();
});

test('no file is no login', async () => {
  expect(await dockerCredentials({ DOCKER_CONFIG: join(folder, 'none') })('a.io')).toBeUndefined();
  expect(await dockerCredentials({ HOME: folder })('a.io')).toBeUndefined();
});

test.each([
  ['{', 'INVALID_JSON'],
  [[], 'INVALID_CREDENTIALS'],
  [{ auths: [] }, 'INVALID_CREDENTIALS'],
  [{ auths: { 'a.io': 'x' } }, 'INVALID_CREDENTIALS'],
  [{ auths: { 'a.io': { auth: 7 } } }, 'INVALID_CREDENTIALS'],
  [{ auths: { 'a.io': { auth: base64('SECRET') } } }, 'INVALID_CREDENTIALS'],
])('a malformed file is named, its secrets are not: %#', async (document, code) => {
  const error = await failure(find('a.io', document));
  expect(error.code).toBe(code);
  expect(error.message).toContain(join(folder, 'config.json'));
  expect(error.message).not.toMatch(/SECRET|U0VDUkVU/);
});

test('a malformed entry of another registry does not matter', async () => {
  expect(await find('a.io', { auths: { 'b.io': { auth: 7 }, 'a.io': { auth: base64('u:p') } } })).toBe('u:p');
});

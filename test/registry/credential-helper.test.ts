import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eraseWithHelper, getFromHelper, storeWithHelper } from '../../src/registry/credential-helper.ts';
import { failure } from '../fixtures/client.ts';
import { createHelper, KEEPER, kept } from '../fixtures/helper.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gocker-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function get(script: string, timeout = 5000) {
  const env = await createHelper(folder, 'x', script);
  return getFromHelper('a.io', { name: 'x', env, timeout });
}
const saying = (text: string) => `cat > /dev/null; echo '${text}'`;

test('store, get, erase: the verb is the argument, the rest goes through stdin', async () => {
  const env = await createHelper(folder, 'keeper', KEEPER);
  const options = { name: 'keeper', env };
  await storeWithHelper('a.io:5000', { username: 'me', secret: 'SE"CRET' }, options);
  expect(await kept(folder)).toEqual({ ServerURL: 'a.io:5000', Username: 'me', Secret: 'SE"CRET' });
  expect(await getFromHelper('a.io:5000', options)).toEqual({ username: 'me', secret: 'SE"CRET' });
  expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('a.io:5000');
  expect(await eraseWithHelper('a.io:5000', options)).toBe(true);
  expect(await eraseWithHelper('a.io:5000', options)).toBe(false);
  expect(await getFromHelper('a.io:5000', options)).toBeUndefined();
  expect(await readFile(join(folder, 'args'), 'utf8')).toBe('store\nget\nerase\nerase\nget\n');
});

test('Docker Hub goes by its old address', async () => {
  const env = await createHelper(folder, 'keeper', KEEPER);
  await getFromHelper('docker.io', { name: 'keeper', env });
  expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('https://index.docker.io/v1/');
});

test('it need not read what it is given', async () => {
  expect(await get(`echo '{"ServerURL":"a","Username":"u","Secret":"s"}'`)).toEqual({
    username: 'u',
    secret: 's',
  });
});

test('an empty secret is none', async () => {
  expect(await get(saying('{"Username":"","Secret":""}'))).toBeUndefined();
});

describe('one that goes wrong', () => {
  test.each([
    ['says why', 'echo "keychain is locked"; exit 3', 'docker-credential-x get: keychain is locked'],
    ['says nothing', 'exit 3', 'docker-credential-x get: it ended with status 3'],
    ['says too much', 'yes', 'it said more than 65536 bytes'],
    ['gives half an answer', saying('{"Username":"u"}'), 'it did not give Username and Secret'],
    ['gives other types', saying('{"Username":"u","Secret":7}'), 'it did not give Username and Secret'],
    ['steers the terminal', `printf '\\033]0;x\\007'; exit 1`, 'docker-credential-x get: \\u{1b}]0;x\\u{7}'],
  ])('%s', async (_, script, why) => {
    const error = await failure(get(script));
    expect(error.code).toBe('CREDENTIAL_HELPER_FAILED');
    expect(error.message).toContain(why);
  });

  test('does not end', async () => {
    const error = await failure(get('exec sleep 30', 200));
    expect(error.message).toContain('it did not end within 200 ms');
  });

  test('leaves something running that holds its output', async () => {
    const begin = performance.now();
    const found = await get(`sleep 5 & echo '{"Username":"u","Secret":"s"}'`);
    expect(found).toEqual({ username: 'u', secret: 's' });
    expect(performance.now() - begin).toBeLessThan(4000);
  });

  test('says no JSON: nothing of it is repeated', async () => {
    const error = await failure(get(saying('{"Secret":SECRET}')));
    expect(error.code).toBe('INVALID_JSON');
    expect(error.message).toContain('what docker-credential-x said');
    expect(error.message + error.hint + error.stack).not.toContain('SECRET');
  });

  test('repeats the secret that it was to store: that is not handed on', async () => {
    const env = await createHelper(folder, 'x', 'cat; exit 1');
    const error = await failure(
      storeWithHelper('a.io', { username: 'u', secret: 'SECRET' }, { name: 'x', env }),
    );
    expect(error.code).toBe('CREDENTIAL_HELPER_FAILED');
    expect(error.message).toContain('***');
    expect(error.message + error.stack).not.toContain('SECRET');
  });
});

describe('which program', () => {
  const evil = 'touch "$(dirname "$0")/../hit"; echo {}';

  test('is not there', async () => {
    const env = await createHelper(folder, 'x', evil);
    const error = await failure(getFromHelper('a.io', { name: 'y', env }));
    expect(error).toMatchObject({
      code: 'CREDENTIAL_HELPER_MISSING',
      message: 'docker-credential-y is not on PATH',
    });
  });

  test.each(['../x', 'x/../x', '', '-x', 'x y', 'x;id', '.x'])('%j is no name of one', async (name) => {
    const env = await createHelper(folder, 'x', evil);
    expect((await failure(getFromHelper('a.io', { name, env }))).code).toBe('INVALID_CREDENTIALS');
    await expect(access(join(folder, 'hit'))).rejects.toThrow('ENOENT');
  });

  test('in the working directory does not count', async () => {
    await writeFile(join(folder, 'docker-credential-x'), '#!/bin/sh\necho {}', { mode: 0o755 });
    const before = process.cwd();
    try {
      process.chdir(folder);
      for (const PATH of ['', '.', ':', './', '../x']) {
        const error = await failure(getFromHelper('a.io', { name: 'x', env: { PATH } }));
        expect(error.code).toBe('CREDENTIAL_HELPER_MISSING');
      }
    } finally {
      process.chdir(before);
    }
  });
});

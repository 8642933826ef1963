import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eraseLogin } from '../../src/registry/credential-store.ts';
import { acquireLock } from '../../src/store/lock.ts';
import { failure, image, registry } from '../fixtures/client.ts';
import { createHelper, KEEPER, kept } from '../fixtures/helper.ts';
import {
  basic,
  bearer,
  config,
  ENCODED,
  env,
  folder,
  logIn,
  pull,
  SECRET,
  store,
  stored,
  syscalls,
} from './logging-in.ts';

describe('the file', () => {
  test('is for its owner alone, in a folder that is too', async () => {
    await logIn((await registry({ access: basic })).host);
    expect((await stat(config())).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, '.docker'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(folder, '.docker'))).toEqual(['config.json']);
  });

  test('keeps what else is in it; other spellings of the registry go', async () => {
    const { host } = await registry({ access: basic });
    const others = { 'b.io': { auth: 'eDp5' }, [`${host}/team`]: { auth: 'eDp5' } };
    const more = { HttpHeaders: { a: 'b' }, psFormat: 'x', detachKeys: 'ctrl-p' };
    await store({ auths: { ...others, [`https://${host}/v1/`]: { auth: 'b2xkOm9sZA==' } }, ...more });
    await logIn(host);
    expect(await stored()).toEqual({ auths: { ...others, [host]: { auth: ENCODED } }, ...more });
    await eraseLogin(host, { env, syscalls });
    expect(await stored()).toEqual({ auths: others, ...more });
  });

  test('has all of those who log in and out at once, and nothing beside it', async () => {
    const there = await Promise.all(Array.from({ length: 4 }, () => registry({ access: basic })));
    const [gone, ...hosts] = there.map(({ host }) => host);
    await logIn(gone!);
    await Promise.all([...hosts.map((host) => logIn(host)), eraseLogin(gone!, { env, syscalls })]);
    expect(Object.keys((await stored()).auths).sort()).toEqual(hosts.sort());
    expect(await readdir(join(folder, '.docker'))).toEqual(['config.json']);
  });

  test('waits for another process that writes it', async () => {
    const { host } = await registry({ access: basic });
    await store({ auths: {} });
    const lock = await acquireLock(syscalls, `${config()}.gocker.lock`);
    const login = logIn(host);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await store({ auths: { 'b.io': { auth: 'eDp5' } } });
    lock.remove();
    await login;
    expect(Object.keys((await stored()).auths).sort()).toEqual([host, 'b.io'].sort());
  });

  test('that is a link is written where it leads', async () => {
    await store({ auths: {} }, join(folder, 'real.json'));
    await mkdir(join(folder, '.docker'));
    await symlink('../real.json', config());
    const { host } = await registry({ access: basic });
    await logIn(host);
    expect(Object.keys((await stored(join(folder, 'real.json'))).auths)).toEqual([host]);
    expect((await stat(join(folder, 'real.json'))).mode & 0o777).toBe(0o600);
  });

  test('is the one that REGISTRY_AUTH_FILE names', async () => {
    env.REGISTRY_AUTH_FILE = join(folder, 'mine.json');
    const { host } = await registry({ access: basic });
    expect((await logIn(host)).path).toBe(env.REGISTRY_AUTH_FILE);
    expect((await pull(host)).bytes).toEqual(image.bytes);
    await expect(stat(config())).rejects.toThrow('ENOENT');
  });

  test('that is malformed is not replaced', async () => {
    await mkdir(join(folder, '.docker'));
    await writeFile(config(), '{"auths": {"a.io": {"auth": SECRET}}}');
    const { host } = await registry({ access: basic });
    expect((await failure(logIn(host))).code).toBe('INVALID_JSON');
    expect(await readFile(config(), 'utf8')).toContain('SECRET');
  });
});

describe('logging out', () => {
  test('forgets; once', async () => {
    const { host } = await registry({ access: basic });
    await logIn(host);
    expect(await eraseLogin(host, { env, syscalls })).toEqual({
      path: config(),
      helper: undefined,
      found: true,
    });
    expect((await eraseLogin(host, { env, syscalls })).found).toBe(false);
    expect((await failure(pull(host))).code).toBe('UNAUTHORIZED');
  });

  test('of Docker Hub forgets docker’s entry', async () => {
    await store({ auths: { 'https://index.docker.io/v1/': { auth: ENCODED }, 'b.io': {} } });
    expect((await eraseLogin('docker.io', { env, syscalls })).found).toBe(true);
    expect(await stored()).toEqual({ auths: { 'b.io': {} } });
  });
});

describe('a helper', () => {
  test.each([
    ['for all', (_: string) => ({ credsStore: 'keeper' })],
    ['for this registry', (host: string) => ({ credHelpers: { [host]: 'keeper' } })],
  ])('%s gets the login instead of the file', async (_, settings) => {
    Object.assign(env, await createHelper(folder, 'keeper', KEEPER));
    const { host } = await registry({ access: bearer });
    await store(settings(host));
    expect((await logIn(host)).helper).toBe('keeper');
    expect(await stored()).toEqual({ ...settings(host), auths: { [host]: {} } });
    expect(await kept(folder)).toEqual({ ServerURL: host, Username: 'me', Secret: SECRET });
    expect((await pull(host)).bytes).toEqual(image.bytes);
    expect(await readFile(join(folder, 'args'), 'utf8')).toBe('store\nget\n');
    expect((await eraseLogin(host, { env, syscalls })).found).toBe(true);
    expect(await stored()).toEqual({ ...settings(host), auths: {} });
    expect((await eraseLogin(host, { env, syscalls })).found).toBe(false);
  });

  test('keeps an identity token under its own name', async () => {
    Object.assign(env, await createHelper(folder, 'keeper', KEEPER));
    const { host } = await registry({ access: { ...bearer, refreshToken: 'REFRESH' } });
    await store({ credsStore: 'keeper' });
    await logIn(host);
    expect(await kept(folder)).toMatchObject({ Username: '<token>', Secret: 'REFRESH' });
    expect((await pull(host)).bytes).toEqual(image.bytes);
  });

  test('that is not there: the login fails, and is not stored in the open', async () => {
    const { host } = await registry({ access: bearer });
    await store({ credsStore: 'desktop' });
    expect((await failure(logIn(host))).code).toBe('CREDENTIAL_HELPER_MISSING');
    expect(await stored()).toEqual({ credsStore: 'desktop' });
  });
});

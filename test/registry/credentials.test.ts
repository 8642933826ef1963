import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { credentialFiles, machineCredentials, registryKey } from '../../src/registry/credentials.ts';
import { failure } from '../fixtures/client.ts';
import { createHelper } from '../fixtures/helper.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gocker-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

const base64 = (text: string) => Buffer.from(text).toString('base64');
/** A machine that has docker's file in a folder, and no other. */
const withDocker = (DOCKER_CONFIG: string) => ({ DOCKER_CONFIG, HOME: folder, XDG_RUNTIME_DIR: folder });
async function find(registry: string, document: unknown) {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  await writeFile(join(folder, 'config.json'), text);
  const found = await machineCredentials({ env: withDocker(folder) })(registry);
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
  expect(await machineCredentials({ env: withDocker(join(folder, 'none')) })('a.io')).toBeUndefined();
  expect(await machineCredentials({ env: withDocker('') })('a.io')).toBeUndefined();
});

test.each([
  ['{', 'INVALID_JSON'],
  [[], 'INVALID_CREDENTIALS'],
  [{ auths: [] }, 'INVALID_CREDENTIALS'],
  [{ auths: { 'a.io': 'x' } }, 'INVALID_CREDENTIALS'],
  [{ auths: { 'a.io': { auth: 7 } } }, 'INVALID_CREDENTIALS'],
  [{ auths: { 'a.io': { auth: base64('SECRET') } } }, 'INVALID_CREDENTIALS'],
  [{ auths: { 'a.io': { username: 'me', password: 55378008 } } }, 'INVALID_CREDENTIALS'],
  [{ auths: { 'a.io': { identitytoken: ['SECRET'] } } }, 'INVALID_CREDENTIALS'],
  ['{"auths": {"SECRET": {}, "SECRET": {}}}', 'INVALID_JSON'],
])('a malformed file is named, its secrets are not: %#', async (document, code) => {
  const error = await failure(find('a.io', document));
  expect(error.code).toBe(code);
  expect(error.message).toContain(join(folder, 'config.json'));
  expect(error.message).not.toMatch(/SECRET|U0VDUkVU|55378008/);
});

test('a malformed entry of another registry does not matter', async () => {
  expect(await find('a.io', { auths: { 'b.io': { auth: 7 }, 'a.io': { auth: base64('u:p') } } })).toBe('u:p');
});

test('a file that is no JSON: the line is named, its text is not', async () => {
  const text = `{\n  "auths": {\n    "a.io": { "auth": "U0VDUkVU", "password": SECRET }\n  }\n}`;
  const error = await failure(find('a.io', text));
  expect(error.code).toBe('INVALID_JSON');
  expect(error.message).toContain(join(folder, 'config.json'));
  expect(error.message + error.stack + error.hint).not.toMatch(/SECRET|U0VDUkVU/);
  expect((await failure(find('a.io', '{"auths":{}\n"x":1}'))).message).toContain('line 2');
});

test('an identity token stands for the password', async () => {
  const entry = { auth: base64('me:'), identitytoken: 'ID' };
  await writeFile(
    join(folder, 'config.json'),
    JSON.stringify({ auths: { 'a.io': entry, 'b.io': { identitytoken: 'ID' } } }),
  );
  const ask = machineCredentials({ env: withDocker(folder) });
  const source = join(folder, 'config.json');
  expect(await ask('a.io')).toEqual({ username: 'me', password: '', identityToken: 'ID', source });
  expect(await ask('b.io')).toEqual({ username: '<token>', password: '', identityToken: 'ID', source });
});

describe('the files of a machine', () => {
  const login = (user: string) => ({ auth: base64(`${user}:pw`) });
  async function write(path: string, auths: object, more: object = {}): Promise<void> {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), JSON.stringify({ auths, ...more }));
  }
  const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    HOME: folder,
    XDG_RUNTIME_DIR: join(folder, 'run'),
    PATH: join(folder, 'bin'),
    ...more,
  });
  const who = async (registry: string, { repository = '', more = {} } = {}) =>
    (await machineCredentials({ env: env(more) })(registry, repository))?.username;

  test('docker’s before containers’, each for what it has', async () => {
    await write('.docker/config.json', { 'a.io': login('docker') });
    await write('run/containers/auth.json', { 'a.io': login('run'), 'b.io': login('run') });
    await write('.config/containers/auth.json', { 'b.io': login('config'), 'c.io': login('config') });
    expect([await who('a.io'), await who('b.io'), await who('c.io'), await who('d.io')]).toEqual([
      'docker',
      'run',
      'config',
      undefined,
    ]);
  });

  test('the one that REGISTRY_AUTH_FILE names, alone', async () => {
    await write('.docker/config.json', { 'a.io': login('docker'), 'b.io': login('docker') });
    await write('mine.json', { 'a.io': login('mine') });
    const more = { REGISTRY_AUTH_FILE: join(folder, 'mine.json') };
    expect([await who('a.io', { more }), await who('b.io', { more })]).toEqual(['mine', undefined]);
  });

  test('without XDG_RUNTIME_DIR: /run/containers/UID', () => {
    const files = credentialFiles({ HOME: '/h' });
    expect(files).toContain(`/run/containers/${process.getuid!()}/auth.json`);
    expect(files.at(-1)).toBe('/h/.config/containers/auth.json');
  });

  test('by repository, most specific first', async () => {
    await write('run/containers/auth.json', {
      'a.io/team/app': login('app'),
      'a.io/team': login('team'),
      'a.io': login('all'),
      'docker.io/library': login('official'),
    });
    const asked = ['team/app', 'team/app/sub', 'team/else', 'teams/x', ''];
    const found = await Promise.all(asked.map((repository) => who('a.io', { repository })));
    expect(found).toEqual(['app', 'app', 'team', 'all', 'all']);
    const file = join(folder, 'run/containers/auth.json');
    const find = machineCredentials({ env: env() });
    expect((await find('a.io', 'team/app'))?.source).toBe(`${file}, a.io/team/app`);
    expect((await find('a.io', 'x'))?.source).toBe(file);
    expect(await who('docker.io', { repository: 'library/alpine' })).toBe('official');
    expect(await who('docker.io', { repository: 'me/app' })).toBeUndefined();
    expect(await who('b.io', { repository: 'team/app' })).toBeUndefined();
  });

  test('an empty file is no login', async () => {
    await mkdir(join(folder, '.docker'));
    await writeFile(join(folder, '.docker/config.json'), '');
    expect(await who('a.io')).toBeUndefined();
  });

  test('helpers: a registry’s own, and the one for all', async () => {
    await createHelper(folder, 'own', `echo '{"Username":"own","Secret":"s"}'`);
    await createHelper(folder, 'all', `echo '{"Username":"<token>","Secret":"s"}'`);
    const more = { PATH: `${join(folder, 'bin')}:/bin` };
    await write(
      '.docker/config.json',
      { 'b.io': {}, 'c.io': login('file') },
      { credHelpers: { 'a.io': 'own' }, credsStore: 'all' },
    );
    expect(await who('a.io', { more })).toBe('own');
    expect(await who('c.io', { more })).toBe('file');
    const found = await machineCredentials({ env: env(more) })('b.io');
    expect(found).toEqual({
      username: '<token>',
      password: '',
      identityToken: 's',
      source: `docker-credential-all (${join(folder, '.docker/config.json')})`,
    });
  });

  test('a helper that is not there is passed over, with one line', async () => {
    await write('.docker/config.json', {}, { credsStore: 'desktop' });
    await write('run/containers/auth.json', { 'a.io': login('run') });
    const lines: string[] = [];
    const ask = machineCredentials({ env: env(), log: (line) => lines.push(line) });
    expect((await ask('a.io'))?.username).toBe('run');
    await ask('a.io');
    expect(lines).toEqual([
      `docker-credential-desktop, which ${folder}/.docker/config.json names, is not on PATH: going on without it`,
    ]);
  });

  test('a helper that fails is not', async () => {
    await createHelper(folder, 'x', 'echo locked; exit 1');
    await write('.docker/config.json', {}, { credsStore: 'x' });
    const ask = machineCredentials({ env: env({ PATH: `${join(folder, 'bin')}:/bin` }) });
    expect((await failure(ask('a.io'))).code).toBe('CREDENTIAL_HELPER_FAILED');
  });
});

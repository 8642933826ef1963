import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readRegistriesConf } from '../../src/registry/registries-conf.ts';
import { failure } from '../fixtures/client.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gocker-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
}
const read = (named?: string) =>
  readRegistriesConf({ system: join(folder, 'etc'), user: join(folder, 'home'), named });
const prefixes = async (named?: string) => (await read(named)).map(({ prefix }) => prefix);

describe('which files', () => {
  const table = (location: string) => `[[registry]]\nlocation = "${location}"\n`;

  test('none at all is no rule', async () => {
    expect(await read()).toEqual([]);
  });

  test('the machine’s, and its additions by name', async () => {
    await write('etc/registries.conf', table('a.io'));
    await write('etc/registries.conf.d/20.conf', table('c.io'));
    await write('etc/registries.conf.d/10.conf', table('b.io'));
    await write('etc/registries.conf.d/30.txt', table('x.io'));
    expect(await prefixes()).toEqual(['a.io', 'b.io', 'c.io']);
  });

  test('the person’s own file instead of the machine’s', async () => {
    await write('etc/registries.conf', table('a.io'));
    await write('home/registries.conf', table('b.io'));
    expect(await prefixes()).toEqual(['b.io']);
  });

  test('the one that is named instead of all', async () => {
    await write('etc/registries.conf', table('a.io'));
    await write('etc/registries.conf.d/10.conf', table('b.io'));
    await write('mine.conf', table('c.io'));
    expect(await prefixes(join(folder, 'mine.conf'))).toEqual(['c.io']);
  });

  test('of one prefix the later file counts', async () => {
    await write('etc/registries.conf', `${table('a.io')}insecure = true\n`);
    await write('etc/registries.conf.d/10.conf', `${table('a.io')}blocked = true\n`);
    expect(await read()).toMatchObject([{ prefix: 'a.io', insecure: false, blocked: true }]);
  });
});

test('all that a table can say', async () => {
  await write(
    'etc/registries.conf',
    `unqualified-search-registries = ["docker.io"]
    short-name-mode = "enforcing"
    [aliases]
    x = "quay.io/x"
    [[registry]]
    prefix = "example.com/foo"
    location = "internal.io:5000/bar/"
    [[registry.mirror]]
    location = "m0.io"
    [[registry.mirror]]
    location = "[::1]:5000/foo"
    insecure = true
    pull-from-mirror = "digest-only"
    [[registry]]
    prefix = "*.corp.io"
    mirror-by-digest-only = true
    [[registry.mirror]]
    location = "m1.io"`,
  );
  const file = join(folder, 'etc/registries.conf');
  expect(await read()).toEqual([
    {
      prefix: 'example.com/foo',
      location: 'internal.io:5000/bar',
      insecure: false,
      blocked: false,
      mirrors: [
        { location: 'm0.io', insecure: false, pull: 'all' },
        { location: '[::1]:5000/foo', insecure: true, pull: 'digest-only' },
      ],
      file,
    },
    {
      prefix: '*.corp.io',
      location: '',
      insecure: false,
      blocked: false,
      mirrors: [{ location: 'm1.io', insecure: false, pull: 'digest-only' }],
      file,
    },
  ]);
});

test('format 1: its insecure and blocked registries', async () => {
  const text = `[registries.search]\nregistries = ["docker.io"]
    [registries.insecure]\nregistries = ["box:5000"]
    [registries.block]\nregistries = ["evil.io"]`;
  await write('etc/registries.conf', text);
  expect(await read()).toMatchObject([
    { prefix: 'box:5000', insecure: true, blocked: false },
    { prefix: 'evil.io', insecure: false, blocked: true },
  ]);
});

test.each([
  ['[[registry]]\nlocation = "a.io"\nx = = 1', ', line 3: '],
  ['[[registry]]\nlocation = 7', 'registry.0.location: '],
  ['[[registry]]\nlocation = "https://a.io"', 'not HOST[:PORT][/NAME]'],
  ['[[registry]]\ninsecure = true', 'neither prefix nor location'],
  ['[[registry]]\nlocation = "a.io"\n[[registry.mirror]]\nlocation = ""', 'registry.0.mirror.0.location'],
  [
    '[[registry]]\nlocation = "a.io"\n[[registry.mirror]]\nlocation = "b.io"\npull-from-mirror = "never"',
    'pull-from-mirror',
  ],
  [
    '[[registry]]\nlocation = "a.io"\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "b.io"\npull-from-mirror = "all"',
    'exclude each other',
  ],
  ['registry = "a.io"', 'registry: '],
])('a malformed file is named, with the place: %j', async (text, why) => {
  await write('etc/registries.conf', text);
  const error = await failure(read());
  expect(error.code).toBe('INVALID_REGISTRIES_CONF');
  expect(error.message).toContain(join(folder, 'etc/registries.conf'));
  expect(error.message).toContain(why);
});

/** What a person sees of pulls that stop, go on, and come from several servers. */
import { randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildImage } from '../fixtures/image.ts';
import { startRegistry, type TestRegistry } from '../fixtures/registry.ts';
import { GOCKER, integration, useGocker } from './helpers.ts';
import { openShell } from './terminal.ts';

const image = buildImage({
  layers: ['a', 'b'].map((name) => ({
    entries: [{ name, body: randomBytes(2_000_000) }],
    compression: 'none',
  })),
});
const [first, second] = image.layers as [(typeof image.layers)[0], (typeof image.layers)[0]];

integration('pull', () => {
  const gocker = useGocker();
  let servers: TestRegistry[];
  beforeEach(async () => {
    servers = await Promise.all([0, 1, 2].map(() => startRegistry()));
    for (const server of servers) server.addImage('app', '1', image);
  });
  afterEach(async () => {
    await gocker(['rmi', '-f', image.config.digest.slice(7, 19)]);
    await Promise.all(servers.map((server) => server.close()));
  });
  const name = (server: number) => `${servers[server]!.host}/app:1`;
  const ingest = () => readdirSync(join(gocker.root, 'ingest'));

  const stalled = async () => {
    servers[0]!.misbehave(new RegExp(second.digest), { stallAfter: 1_500_000, times: 1 });
    const part = join(gocker.root, 'ingest', `${second.digest.slice(7)}.part`);
    await expect.poll(() => statSync(part, { throwIfNoEntry: false })?.size).toBe(1_500_000);
  };

  test('that is interrupted ends with 130 and goes on the next time', async () => {
    const pulling = gocker.start(['pull', name(0)]);
    await stalled();
    pulling.child.kill('SIGINT');
    expect((await pulling.ended).code).toBe(130);
    expect((await gocker(['images', '-q'])).stdout).toBe('');
    expect(ingest()).toContain(`${second.digest.slice(7)}.part`);
    servers[0]!.requests.length = 0;
    const { code, stderr } = await gocker(['pull', name(0)]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/1\.31MB were here from a pull that did not finish\n$/);
    expect(servers[0]!.requests.map(({ headers }) => headers.range).filter(Boolean)).toEqual([
      `bytes=${5 * 262_144}-`,
    ]);
    expect(ingest()).toEqual([]);
  });

  test('that is interrupted on a terminal by Ctrl-C does so too', async () => {
    const pull = [process.execPath, GOCKER, 'pull', name(0)].join(' ');
    // The shell gets the signal too.
    const terminal = openShell(gocker, `trap : INT; ${pull}; echo code $?`);
    try {
      await stalled();
      await terminal.waitFor(/Downloading/);
      terminal.press('C-c');
      await terminal.waitFor(/code 130/);
    } finally {
      terminal.close();
    }
    expect((await gocker(['pull', name(0)])).stderr).toContain('1.31MB were here');
  });

  test('from mirrors of which one dies and one is wrong succeeds, and says so', async () => {
    servers[0]!.misbehave(new RegExp(first.digest), { cutAfter: 1_000_000, times: 1 });
    const isDead = () => servers[0]!.requests.some(({ path }) => path.endsWith(first.digest));
    servers[0]!.misbehave(/./, { hangUp: true, when: isDead });
    servers[1]!.misbehave(new RegExp(second.digest), { flipByte: 9 });
    const [one, two, three] = servers.map(({ url }) => url) as [string, string, string];
    const env = { GOCKER_MIRRORS: `${servers[2]!.host}=${one},${two}` };
    const { code, stdout, stderr } = await gocker(['pull', name(2)], { env });
    expect(code).toBe(0);
    expect(stdout).toContain('Downloaded newer image');
    expect(stderr).toContain(`${two} goes on with blob ${first.digest}`);
    const last = stderr.trimEnd().split('\n').slice(-3);
    expect(last.map((line) => line.split(' served ')[0]).sort()).toEqual([one, two, three].sort());
    const quiet = await gocker(['pull', '-q', name(2)], { env });
    expect(quiet.stdout).toBe(`${name(2)}\n`);
    expect(quiet.stderr).not.toContain('served');
  });
});

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import createOverlayfs from '../../../drivers/storage/overlayfs.ts';
import { MNT } from '../../../native/constants.ts';
import { createSyscalls } from '../../../native/index.ts';
import { createHost } from '../../../src/driver/host.ts';
import type { ChainID, Mount, StorageDriver } from '../../../src/driver/index.ts';

const syscalls = createSyscalls();
let root: string;
let driver: StorageDriver;

function open(calls = syscalls): StorageDriver {
  return createOverlayfs(createHost({ root, syscalls: calls, log: () => {} }), {});
}
beforeEach(() => {
  root = join(mkdtempSync('/var/tmp/gocker-test-'), 'overlayfs');
  driver = open();
});
afterEach(() => rmSync(join(root, '..'), { recursive: true }));

const chain = (digit: string) => `sha256:${digit.repeat(64)}` as ChainID;
const pick = (mounts: Mount[], key: string) =>
  mounts[0]!.options.find((option) => option.startsWith(`${key}=`))!.slice(key.length + 1);
const upper = (mounts: Mount[]) => pick(mounts, 'upperdir');

async function names(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, kind, parent } of driver.list())
    found[name] = `${kind} ${parent?.slice(7, 9) ?? '-'}`;
  return found;
}
const folders = () => readdirSync(root).filter((name) => /^[0-9a-z]{6}$/.test(name));

async function layer(name: ChainID, parent?: ChainID): Promise<void> {
  const mounts = await driver.prepare(`key-${name.slice(7, 9)}`);
  writeFileSync(join(upper(mounts), name.slice(7, 9)), name);
  await driver.commit(`key-${name.slice(7, 9)}`, name, parent);
}

describe.skipIf(process.getuid?.() !== 0)('the overlayfs driver', () => {
  it('finds that this host can run it, and leaves nothing of the trial', async () => {
    await driver.probe();
    expect(readdirSync(root)).toEqual([]);
  });

  it('says what is wrong with a file system that cannot hold overlays', async () => {
    mkdirSync(root);
    syscalls.mount('proc', root, 'ramfs', 0, null);
    try {
      await expect(driver.probe()).rejects.toMatchObject({
        code: 'OVERLAYFS_UNAVAILABLE',
        hint: expect.stringContaining('--root'),
      });
    } finally {
      syscalls.umount2(root, MNT.DETACH);
      rmdirSync(root);
    }
  });

  it('stacks what was prepared without a parent', async () => {
    await layer(chain('a'));
    await layer(chain('b'), chain('a'));
    await layer(chain('c'), chain('b'));
    expect(await names()).toEqual({
      [chain('a')]: 'committed -',
      [chain('b')]: 'committed aa',
      [chain('c')]: 'committed bb',
    });
    const mounts = await driver.prepare('container', chain('c'));
    expect(await driver.mounts('container')).toEqual(mounts);
    const lowers = pick(mounts, 'lowerdir').split(':');
    expect(lowers.map((lower) => readdirSync(lower)[0])).toEqual(['cc', 'bb', 'aa']);
    expect(pick(await driver.view('seen', chain('c')), 'lowerdir').split(':')).toEqual(lowers);
    expect((await driver.view('alone', chain('a')))[0]!.options).toHaveLength(1);
    expect(await driver.stat('seen')).toEqual({ name: 'seen', kind: 'view', parent: chain('c') });
    expect(await driver.stat('nobody')).toBeUndefined();
  });

  it('gives a child the looks of the root below', async () => {
    const mounts = await driver.prepare('key');
    chmodSync(upper(mounts), 0o1711);
    chownSync(upper(mounts), 7, 8);
    await driver.commit('key', chain('a'));
    expect(lstatSync(upper(await driver.prepare('child', chain('a'))))).toMatchObject({
      mode: 0o41711,
      uid: 7,
      gid: 8,
    });
  });

  it('refuses a key that is taken, a parent that is not there, and names that are none', async () => {
    await driver.prepare('key');
    await expect(driver.prepare('key')).rejects.toMatchObject({ code: 'SNAPSHOT_EXISTS' });
    await expect(driver.prepare('other', chain('a'))).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' });
    await expect(driver.prepare(chain('a'))).rejects.toThrow(/chainID/);
    for (const name of ['../x', 'a/b', '', '.', '..', 'x'.repeat(200)]) {
      await expect(driver.prepare(name), name).rejects.toMatchObject({ code: 'INVALID_SNAPSHOT_NAME' });
    }
    await expect(driver.mounts('nobody')).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' });
    await expect(driver.commit('nobody', chain('a'))).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' });
    expect(Object.keys(await names())).toEqual(['key']);
    expect(folders()).toHaveLength(1);
  });

  it('counts losing a race for a chainID as success, and drops the loser', async () => {
    await layer(chain('a'));
    const lost = await driver.prepare('late');
    await driver.commit('late', chain('a'));
    expect(Object.keys(await names())).toEqual([chain('a')]);
    expect(() => readdirSync(upper(lost))).toThrow(/ENOENT/);
    await expect(driver.view('v', chain('a')).then(() => driver.commit('v', chain('b')))).rejects.toThrow(
      /no such active/,
    );
  });

  it('removes what nothing stands on, as often as it is asked', async () => {
    await layer(chain('a'));
    await layer(chain('b'), chain('a'));
    await driver.prepare('container', chain('b'));
    await expect(driver.remove(chain('a'))).rejects.toMatchObject({ code: 'SNAPSHOT_IN_USE' });
    await expect(driver.remove(chain('b'))).rejects.toThrow(/below container/);
    for (const name of ['container', 'container', chain('b'), chain('a'), chain('a')])
      await driver.remove(name);
    expect([await names(), folders()]).toEqual([{}, []]);
  });

  it('counts its own files, hardlinks once', async () => {
    await layer(chain('a'));
    const directory = upper(await driver.prepare('key'));
    mkdirSync(join(directory, 'd'));
    writeFileSync(join(directory, 'd/file'), 'x'.repeat(1000));
    syscalls.linkat(-100, join(directory, 'd/file'), -100, join(directory, 'link'), 0);
    expect(await driver.usage('key')).toEqual({ bytes: 1000, inodes: 3 });
    await driver.commit('key', chain('b'), chain('a'));
    expect(await driver.usage(chain('b'))).toEqual({ bytes: 1000, inodes: 3 });
    expect(await open().usage(chain('b'))).toEqual({ bytes: 1000, inodes: 3 });
  });

  it('heals whatever call it was killed at', async () => {
    await layer(chain('a'));
    const script = await lifeCycle();
    let kills = 0;
    for (const victim of [
      'mkdir',
      'symlink',
      'rename',
      'renameat2',
      'unlink',
      'rmdir',
      'chmod',
      'unlinkat',
    ]) {
      for (let when = 1; when < 30; when++) {
        const inject = `inject=?${victim},?${victim}at:signal=SIGKILL:when=${when}`;
        const killed = wasKilled([
          '-f',
          '-o',
          '/dev/null',
          '-e',
          inject,
          process.execPath,
          script,
          root,
          chain('a'),
          chain('b'),
        ]);
        for await (const { name } of driver.list()) if (name !== chain('a')) await driver.remove(name);
        await driver.remove('nobody');
        expect([Object.keys(await names()), folders().length], `${victim} ${when}`).toEqual([
          [chain('a')],
          1,
        ]);
        expect(readdirSync(join(root, 'removing'))).toEqual([]);
        if (!killed) break;
        kills++;
      }
    }
    expect(kills).toBeGreaterThan(10);
  }, 300_000);
});

function wasKilled(args: string[]): boolean {
  try {
    execFileSync('strace', args, { stdio: 'ignore', env: { PATH: process.env.PATH } });
    return false;
  } catch (error) {
    expect(error).toMatchObject({ signal: 'SIGKILL' });
    return true;
  }
}

/** A program that prepares, commits and removes a snapshot. */
async function lifeCycle(): Promise<string> {
  const outfile = join(import.meta.dirname, '../../../dist/test/life-cycle.mjs');
  const text = `
    import createOverlayfs from './drivers/storage/overlayfs.ts';
    import { createSyscalls } from './native/index.ts';
    const [root, below, name] = process.argv.slice(2);
    const driver = createOverlayfs({ root, syscalls: createSyscalls(), log() {}, run() {} }, {});
    await driver.prepare('key');
    await driver.commit('key', name, below);
    await driver.remove(name);
  `;
  await build({
    stdin: { contents: text, resolveDir: join(import.meta.dirname, '../../..'), loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  return outfile;
}

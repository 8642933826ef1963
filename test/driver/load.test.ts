import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeSyscalls } from '../../native/fake.ts';
import { type DriverPackage, findDriver, listDrivers } from '../../src/driver/find.ts';
import { createHost } from '../../src/driver/host.ts';
import { loadNetworkDriver, loadStorageDriver } from '../../src/driver/load.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'gocker-test-'));
  const methods = (names: string) => `({${names.split(' ').map((name) => `${name}() {}`)}, options})`;
  const write = (name: string, text: string) => writeFileSync(join(root, `${name}.mjs`), text);
  write(
    'good',
    `export default (host, options) => ${methods('probe prepare view mounts commit stat usage remove list')}`,
  );
  write('short', `export default (host, options) => ${methods('probe prepare')}`);
  write('none', 'export const x = 1');
  write('throws', 'throw new Error("no such library")');
});
afterAll(() => rmSync(root, { recursive: true }));

const plugin = (name: string, drivers: object, api: unknown = 1): DriverPackage => ({
  name,
  root,
  pjson: { name, gocker: { api, drivers } },
});
const host = createHost({ root: '/nowhere', syscalls: fakeSyscalls().syscalls, log: () => {} });

describe('findDriver', () => {
  it('finds a driver by kind and name among all packages', () => {
    const packages = [
      { name: 'plain', root, pjson: {} },
      plugin('one', { storage: { zfs: './good.mjs' } }),
      plugin('two', { network: { zfs: './x.mjs' } }),
    ];
    expect(findDriver(packages, 'storage', 'zfs')).toEqual({
      kind: 'storage',
      name: 'zfs',
      package: packages[1],
      target: './good.mjs',
    });
    expect(listDrivers(packages, 'network').map(({ name }) => name)).toEqual(['zfs']);
  });

  it('says what there is when there is no such driver', () => {
    const packages = [plugin('one', { storage: { zfs: './x.mjs', vfs: './y.mjs' } })];
    expect(() => findDriver(packages, 'storage', 'btrfs')).toThrow(
      expect.objectContaining({ code: 'DRIVER_NOT_FOUND', hint: expect.stringContaining('zfs, vfs') }),
    );
    expect(() => findDriver(packages, 'storage', 'toString')).toThrow(/no storage driver/);
  });

  it('names both packages that offer one name', () => {
    const packages = ['one', 'two'].map((name) => plugin(name, { storage: { zfs: './x.mjs' } }));
    expect(() => findDriver(packages, 'storage', 'zfs')).toThrow(/zfs is offered by one and by two/);
  });

  it('refuses a driver for another gocker', () => {
    expect(() => findDriver([plugin('one', { storage: { zfs: './x.mjs' } }, 2)], 'storage', 'zfs')).toThrow(
      /written for api 2, this gocker has 1/,
    );
  });

  it('lets a malformed package disturb only who may have wanted it', () => {
    const packages = [plugin('bad', { storage: { zfs: 7 } }), plugin('one', { storage: { vfs: './x.mjs' } })];
    expect(findDriver(packages, 'storage', 'vfs').package.name).toBe('one');
    expect(() => findDriver(packages, 'storage', 'zfs')).toThrow(/package.json of bad: gocker/);
  });
});

describe('loading a driver', () => {
  const found = (target: string) =>
    findDriver([plugin('one', { storage: { it: target }, network: { it: target } })], 'storage', 'it');

  it('hands it the options', async () => {
    const driver = await loadStorageDriver(found('./good.mjs'), { host, options: { size: '1' } });
    expect(driver).toMatchObject({ options: { size: '1' } });
  });

  it.each([
    ['./missing.mjs', /declared by one as \.\/missing\.mjs, failed: Cannot find module/],
    ['./throws.mjs', /failed: no such library/],
    ['./none.mjs', /no default export/],
    ['./short.mjs', /no method view/],
  ])('says of %s who declared it and what is wrong', async (target, message) => {
    await expect(loadStorageDriver(found(target), { host })).rejects.toMatchObject({
      code: 'DRIVER_FAILED',
      message: expect.stringMatching(message),
    });
  });

  it('knows what a network driver must have', async () => {
    const network = { ...found('./good.mjs'), kind: 'network' as const };
    await expect(loadNetworkDriver(network, { host })).rejects.toThrow(/no method create/);
  });
});

describe('createHost', () => {
  it('runs programs with a clean environment and no shell', async () => {
    process.env.GOCKER_TEST_LEAK = 'x';
    expect(await host.run('/usr/bin/env', [])).not.toContain('GOCKER_TEST_LEAK');
    expect(await host.run('/bin/echo', ['$HOME;', '`id`'])).toBe('$HOME; `id`\n');
    await expect(host.run('/bin/ls', ['/does-not-exist'])).rejects.toMatchObject({
      code: 'PROGRAM_FAILED',
      message: expect.stringContaining('No such file'),
    });
    await expect(host.run('ls', [])).rejects.toThrow(/not an absolute path/);
  });
});

/** gocker's own drivers against the cases that it gives to everybody: `gocker/driver/testing`. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type * as Testing from '../../src/driver/testing/index.ts';
import { integration } from './helpers.ts';

const root = join(import.meta.dirname, '../..');
const { storageCases, networkCases } = (await import(join(root, 'dist/driver-testing.js'))) as typeof Testing;
const module = (kind: string, name: string) => join(root, `dist/drivers/${kind}/${name}.cjs`);

integration('conformance', () => {
  describe.each(['overlayfs', 'vfs'])('storage driver %s', (name) => {
    for (const one of storageCases({ module: module('storage', name) }))
      test(one.name, () => one.run(), 120_000);
  });

  describe.each(['none', 'host'])('network driver %s', (name) => {
    for (const one of networkCases({ module: module('network', name) }))
      test(one.name, () => one.run(), 60_000);
  });

  /** On a host of their own, which has an interface; some make links there that are in others' way. */
  test.each([
    ['bridge', {}],
    ['macvlan', { parent: 'lan0' }],
  ])(
    'network driver %s, in a network namespace where nobody else is',
    (name, network) => {
      const subject = JSON.stringify({ module: module('network', name), network });
      const script = `import(${JSON.stringify(join(root, 'dist/driver-testing.js'))}).then(async ({networkCases}) => {
      for (const {name, run} of networkCases(${subject})) {
        await run();
        console.log(name);
      }
    })`;
      const start = 'ip link add lan0 type veth peer name wire && ip link set lan0 up && exec "$@"';
      const node = [process.execPath, '--input-type=module', '-e', script];
      const args = ['--net', '--mount', 'sh', '-c', start, 'sh', ...node];
      const said = execFileSync('unshare', args, { encoding: 'utf8' }).trim().split('\n');
      expect(said).toEqual(networkCases({ module: '' }).map(({ name }) => name));
    },
    120_000,
  );

  describe('the driver of docs/drivers.md', () => {
    const page = readFileSync(join(root, 'docs/drivers.md'), 'utf8');
    const example = /^```js\n\/\/ plain\.js\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '';
    const folder = mkdtempSync(join(tmpdir(), 'gocker-plain-'));
    const plain = join(folder, 'plain.mjs');
    writeFileSync(plain, example);
    afterAll(() => rmSync(folder, { recursive: true }));
    for (const one of storageCases({ module: plain })) test(one.name, () => one.run(), 120_000);
  });

  describe('a driver that does not keep to the contract', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gocker-lax-'));
    const own = JSON.stringify(module('storage', 'vfs'));
    afterAll(() => rmSync(folder, { recursive: true }));

    test.each([
      ['forgets what stands on a layer', 'remove: async () => {}', /what is gone may go again/],
      ['lists nothing', 'async *list() {}', /has its chainID/],
      [
        'gives every container the same files',
        'prepare: async (key, parent) => driver.prepare("same", parent)',
        /child sees all/,
      ],
      ['tells no usage', 'usage: async () => ({bytes: 0, inodes: 0})', /^usage tells/],
    ])('is found out where it %s', async (_, fault, name) => {
      const text = `import {createRequire} from 'node:module';
        const create = createRequire(${own})(${own}).default;
        export default (host, options) => {
          const driver = create(host, options);
          return {...driver, ${fault}};
        };`;
      const lax = join(mkdtempSync(join(folder, 'lax-')), 'lax.mjs');
      writeFileSync(lax, text);
      const found = storageCases({ module: lax }).find((one) => name.test(one.name));
      await expect(found?.run()).rejects.not.toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' });
      const twin = storageCases({ module: module('storage', 'vfs') }).find((one) => name.test(one.name));
      await twin?.run();
    });
  });
});

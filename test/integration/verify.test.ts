/** Each file of a store is damaged in turn: nothing crashes, nothing wrong is run, and `image verify --repair` mends it. */
import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildImage } from '../fixtures/image.ts';
import { startRegistry, type TestRegistry } from '../fixtures/registry.ts';
import { integration, useGocker } from './helpers.ts';

/** With vfs there is nothing but the copies that is not the same. */
const DRIVERS = ['overlayfs', 'vfs'];

integration.each(DRIVERS)('a store of %s of which a file', (driver) => {
  const gocker = useGocker();
  let registry: TestRegistry;
  let name: string;

  beforeAll(async () => {
    gocker.env.GOCKER_STORAGE_DRIVER = driver;
    registry = await startRegistry();
    name = `${registry.host}/a:1`;
    const busybox = readFileSync('/bin/busybox');
    const layers = [
      { entries: [{ name: 'bin/busybox', mode: 0o755, body: busybox }] },
      {
        entries: [
          { name: 'etc', type: 'directory' as const },
          { name: 'etc/text', body: 'x'.repeat(9000) },
        ],
      },
    ];
    registry.addImage('a', '1', buildImage({ layers, run: { Cmd: ['/bin/busybox', 'echo', 'whole'] } }));
  });
  afterAll(() => registry.close());
  beforeEach(async () => {
    await gocker(['image', 'verify', '--repair']);
    expect(await gocker(['pull', '-q', name])).toMatchObject({ code: 0 });
    await gocker(['rm', '-f', 'made']);
    expect(await gocker(['create', '--network', 'none', '--name', 'made', name])).toMatchObject({ code: 0 });
  });

  /** What is neither a lock nor a container's own file system. */
  function files(): string[] {
    const all = readdirSync(gocker.root, { recursive: true, withFileTypes: true });
    return all
      .filter((entry) => entry.isFile() && !/lock$|\.tmp$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  }

  const isLayers = (file: string) => /storage\/.*\/fs\//.test(file);
  /** What no image has: a container is made anew. */
  function isContainers(file: string): boolean {
    if (/root\/(containers|names)\//.test(file)) return true;
    const names = join(gocker.root, 'storage', driver, 'names');
    const own = readdirSync(names).filter((one) => /^[0-9a-f]{64}$/.test(one));
    return own.some((one) => file.includes(`/${readlinkSync(join(names, one))}/`));
  }

  const damages: [string, (file: string) => void][] = [
    [
      'is flipped',
      (file) => {
        const bytes = readFileSync(file);
        const at = Math.floor(bytes.length / 2);
        bytes[at] = bytes[at]! ^ 0x15;
        writeFileSync(file, bytes);
      },
    ],
    ['is cut short', (file) => truncateSync(file, 1)],
    ['is gone', (file) => rmSync(file)],
  ];

  test.each(damages)(
    '%s',
    async (_, damage) => {
      const seen = files();
      expect(seen.length).toBeGreaterThan(12);
      for (const file of seen) {
        // Sums that are kept go with what was mended, until somebody asks again.
        if (!existsSync(file)) continue;
        const before = readFileSync(file);
        damage(file);
        // What a layer holds is only looked at when it is verified: to read all of it at each run would take too long.
        if (!isLayers(file)) await expectNothingWrong(file);
        const repaired = await gocker(['image', 'verify', '--repair']);
        const about = { file, code: repaired.code, text: repaired.stdout + repaired.stderr };
        expect(about.text).not.toMatch(/this is a bug/);
        if (repaired.code !== 0) {
          // What cannot be mended is told, with what to do.
          expect(about.text).toMatch(/echo 1 >/);
          writeFileSync(file, before);
        }
        if (isLayers(file))
          expect(about.text).toMatch(isContainers(file) ? /sound/ : /unpacked +\S+ +repaired/);
        expect({ file, ...(await gocker(['run', '--network', 'none', '--rm', name])) }).toEqual({
          ...{ file, code: 0, stdout: 'whole\n' },
          stderr: '',
        });
        if (isContainers(file)) writeFileSync(file, before);
      }
      expect(await gocker(['image', 'verify', '-q'])).toEqual({ code: 0, stdout: '', stderr: '' });
    },
    300_000,
  );

  test('is damaged while something is to be collected', async () => {
    const index = join(gocker.root, 'index.json');
    const marker = join(gocker.root, 'ingest/collect');
    const before = readFileSync(index, 'utf8');
    truncateSync(index, 1);
    writeFileSync(marker, '');
    await expectNothingWrong(index);
    expect(existsSync(marker)).toBe(true);
    const repaired = await gocker(['image', 'verify', '--repair']);
    expect(repaired).toMatchObject({ code: 0, stdout: expect.stringContaining('its last copy is back') });
    expect(readFileSync(index, 'utf8')).toBe(before);
    expect(await gocker(['images', '-q'])).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(marker)).toBe(false);
  });

  async function expectNothingWrong(file: string): Promise<void> {
    for (const command of [
      ['images'],
      ['ps', '-a'],
      ['run', '--network', 'none', '--rm', '--pull', 'never', name],
      ['system', 'df'],
    ]) {
      const { code, stdout, stderr } = await gocker(command);
      expect({ file, command, stderr }).not.toMatchObject({
        stderr: expect.stringContaining('this is a bug'),
      });
      if (command[0] === 'run' && code === 0) expect({ file, stdout }).toEqual({ file, stdout: 'whole\n' });
      if (code !== 0)
        expect({ file, command, stderr }).toMatchObject({
          stderr: expect.stringMatching(/^gocker: .*\n {2}/),
        });
    }
  }
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildImage } from '../fixtures/image.ts';
import { startRegistry, type TestRegistry } from '../fixtures/registry.ts';
import { type Entry, tar } from '../fixtures/tar.ts';
import { image, integration, useGocker } from './helpers.ts';

/** Images, archives and programs that try to reach the host by way of a volume. */
integration('attacks on volumes', () => {
  const gocker = useGocker();
  const BUSYBOX = image('busybox:1');
  const busybox: Entry = { name: 'bin/busybox', mode: 0o755, body: readFileSync('/bin/busybox') };
  const base = mkdtempSync(join(tmpdir(), 'gocker-attacks-'));
  const canary = join(base, 'canary');
  let registry: TestRegistry;
  let count = 0;

  const data = (name: string) => join(gocker.root, 'volumes', name, '_data');
  const link = (name: string, target: string): Entry => ({ name, type: 'symlink', link: target });
  const look = () =>
    execFileSync('find', [canary, '-printf', '%p %y %m %u %g %n %s %T@ %C@\n'], { encoding: 'utf8' });
  const holds = (path: string) => execFileSync('grep', ['-rc', 'SECRET', path], { encoding: 'utf8' });

  beforeAll(async () => {
    registry = await startRegistry();
    mkdirSync(join(canary, 'dir'), { recursive: true, mode: 0o700 });
    writeFileSync(join(canary, 'secret'), 'SECRET', { mode: 0o600 });
    writeFileSync(join(canary, 'dir/secret'), 'SECRET', { mode: 0o600 });
    await gocker(['pull', '-q', BUSYBOX]);
  });
  afterAll(async () => {
    rmSync(base, { recursive: true, force: true });
    await registry.close();
  });

  /** Runs an image of these entries with a volume `vN` at /data; the volume's name and the outcome. */
  async function fill(entries: Entry[], config: Record<string, unknown> = {}) {
    const name = `v${++count}`;
    registry.addImage(name, '1', buildImage({ layers: [{ entries: [busybox, ...entries] }], run: config }));
    const result = await gocker([
      ...['run', '--rm', '-q', '-v', `${name}:/data`],
      ...[`${registry.host}/${name}:1`, '/bin/busybox', 'ls', '/data'],
    ]);
    return { name, ...result };
  }

  test('an image whose /data is a link fills a volume with its own files only', async () => {
    const before = look();
    const own: Entry[] = [{ name: 'etc/own', body: 'of the image' }];
    expect(await fill([...own, link('data', '/etc')])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('own'),
    });
    expect(readFileSync(join(data('v1'), 'own'), 'utf8')).toBe('of the image');
    for (const target of [
      canary,
      `../../../../../../..${canary}`,
      `/proc/1/root${canary}`,
      '/proc/self/cwd',
      '/dev',
    ]) {
      const { name, stderr } = await fill([link('data', target)]);
      expect({
        target,
        stderr,
        names: execFileSync('ls', ['-A', data(name)], { encoding: 'utf8' }),
      }).toMatchObject({ target, names: '' });
    }
    const inside = await fill([
      { name: 'data', type: 'directory' },
      link('data/out', canary),
      link('data/secret', `${canary}/secret`),
    ]);
    expect(inside).toMatchObject({ code: 0, stdout: 'out\nsecret\n' });
    expect(() => holds(data(inside.name))).toThrow();
    expect(look()).toBe(before);
  });

  test('VOLUMEs of an image are refused where nothing may be mounted', async () => {
    const before = look();
    for (const path of ['/proc', '/proc/self', '/', 'relative', '/way/self']) {
      const { code } = await fill([link('way', '/proc')], { Volumes: { [path]: {} } });
      expect({ path, code }).toEqual({ path, code: 125 });
    }
    expect((await fill([], { Volumes: { '/fine': {}, '/../up': {} } })).code).toBe(0);
    await gocker(['volume', 'prune', '-f']);
    expect(look()).toBe(before);
  });

  test('no archive writes out of a volume', async () => {
    const before = look();
    await gocker(['volume', 'create', 'target']);
    const deep = `${'../'.repeat(20)}${canary.slice(1)}`;
    const attacks: Entry[][] = [
      [{ name: `${deep}/secret`, body: 'overwritten' }],
      [{ name: `${canary}/secret`, body: 'overwritten' }],
      [link('out', canary), { name: 'out/secret', body: 'overwritten' }, { name: 'out/new', body: 'x' }],
      [link('up', '../../../../../../..'), { name: `up${canary}/secret`, body: 'overwritten' }],
      [
        { name: 'hard', type: 'link', link: `${canary}/secret` },
        { name: 'hard', body: 'overwritten' },
      ],
      [{ name: 'hard', type: 'link', link: `${deep}/secret` }],
      [
        link('l', `${canary}/secret`),
        { name: 'hard', type: 'link', link: 'l' },
        { name: 'hard', body: 'overwritten' },
      ],
      [
        { name: 'd', type: 'directory' },
        link('d', canary),
        { name: 'd', type: 'directory', mode: 0o777, uid: 7 },
      ],
      [link('.', canary), { name: 'secret', body: 'overwritten' }],
      [
        link('x', canary),
        { name: 'x/', type: 'directory', mode: 0o777, uid: 7 },
        { name: 'x/dir', type: 'directory', mode: 0o777 },
      ],
    ];
    for (const [index, entries] of attacks.entries()) {
      const { code } = await gocker(['volume', 'import', 'target'], { input: tar(entries) });
      expect([index, [0, 1].includes(code), look()]).toEqual([index, true, before]);
    }
    const fine = [
      { name: 'd2/', type: 'directory' as const },
      { name: 'd2/f', body: 'fine' },
      link('d2/l', 'f'),
    ];
    expect(await gocker(['volume', 'import', 'target'], { input: tar(fine) })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(readFileSync(join(data('target'), 'd2/l'), 'utf8')).toBe('fine');
    await gocker(['volume', 'rm', 'target']);
  });

  test('a program that swaps directories for links reaches nothing', async () => {
    const before = look();
    const swap = `cd /v; mkdir -p r/d/e; echo ok > r/d/secret; ln -s ${canary} r/s; echo up; while :; do mv r/d r/t; mv r/s r/d; mv r/t r/s; done`;
    const racer = gocker.start([
      'run',
      '--rm',
      '--name',
      'racer',
      '-v',
      'shared:/v',
      BUSYBOX,
      'sh',
      '-c',
      swap,
    ]);
    await racer.waitFor('up');
    const archive = tar([
      { name: 'r/d/secret', body: 'planted' },
      { name: 'r/d/new/f', body: 'planted' },
    ]);
    for (let round = 0; round < 6; round++) {
      await gocker(['run', '--rm', '-v', 'shared:/v', '-v', 'other:/v/r/d/made', BUSYBOX, 'true']);
      await gocker([
        'run',
        '--rm',
        '--mount',
        'src=shared,dst=/p,volume-subpath=r/d',
        BUSYBOX,
        'sh',
        '-c',
        'echo planted > /p/secret',
      ]);
      await gocker(['volume', 'import', 'shared'], { input: archive });
      const { stdout } = await gocker(['volume', 'export', 'shared']);
      expect([round, stdout.includes('SECRET'), look()]).toEqual([round, false, before]);
    }
    await gocker(['rm', '-f', 'racer']);
    await racer.ended;
    expect(await gocker(['volume', 'rm', 'shared', 'other'])).toMatchObject({ code: 0 });
    expect(look()).toBe(before);
  });
});

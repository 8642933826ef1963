import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type BuiltImage, buildImage, buildIndex } from '../fixtures/image.ts';
import type { Behaviour } from '../fixtures/misbehave.ts';
import { startRegistry, type TestRegistry } from '../fixtures/registry.ts';
import { integration, useGocker } from './helpers.ts';

/** What a person sees of damaged input: the thing's name, what to do, docker's exit code, and nothing half-pulled. */
integration('damaged input', () => {
  const gocker = useGocker();
  const busybox = readFileSync('/bin/busybox');
  let registry: TestRegistry;
  let image: BuiltImage;
  let name: string;

  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.close());
  beforeEach(() => {
    image = buildImage({
      layers: [
        { entries: [{ name: 'bin/busybox', mode: 0o755, body: busybox }] },
        {
          entries: [
            { name: 'bin/hello', type: 'symlink', link: 'busybox' },
            { name: 'x', body: 'x'.repeat(9000) },
          ],
        },
      ],
      run: { Cmd: ['/bin/busybox', 'echo', 'whole'] },
    });
    registry.reset();
    registry.addImage('a', '1', image);
    name = `${registry.host}/a:1`;
  });
  afterEach(async () => {
    registry.reset();
    await gocker(['rmi', '-f', name]);
  });

  const blob = (digest: string) => new RegExp(`/v2/a/blobs/${digest}$`);
  const layer = (behaviour: Behaviour) => registry.misbehave(blob(image.layers[1]!.digest), behaviour);

  /** Both ways to get an image fail as they should, nothing is listed, and the next good pull succeeds. */
  async function refused(words: RegExp): Promise<void> {
    for (const [args, code] of [
      [['pull', name], 1],
      [['run', '--rm', name], 125],
    ] as const) {
      const result = await gocker([...args]);
      expect(result).toMatchObject({ code, stdout: '' });
      expect(result.stderr).toMatch(words);
      expect(result.stderr).not.toMatch(/^ {4}at /m);
      expect((await gocker(['images', '-q'])).stdout).toBe('');
    }
    registry.reset();
    expect(await gocker(['run', '--rm', '-q', name])).toMatchObject({ code: 0, stdout: 'whole\n' });
  }

  test.each<[string, (digest: string) => void, RegExp]>([
    [
      'a flipped byte in a layer',
      () => layer({ flipByte: 20 }),
      /layer sha256:\w+: expected sha256:\w+, found sha256/,
    ],
    ['a truncated layer', () => layer({ body: Buffer.from('x') }), /expected \d+ bytes/],
    [
      'a connection that is closed, again and again',
      () => layer({ hangUp: true }),
      /closed|reset|hang up|cut/,
    ],
    ['an endless layer', () => layer({ endless: true }), /expected \d+ bytes|more than/],
    [
      'a flipped byte in the config',
      () => registry.misbehave(blob(image.config.digest), { flipByte: 3 }),
      /config.*expected sha256:\w+, found sha256/,
    ],
    [
      'a flipped byte in the manifest',
      () => registry.misbehave(/manifests/, { flipByte: 40 }),
      /manifest|JSON|digest/i,
    ],
    [
      'a page instead of a manifest',
      () => registry.misbehave(/manifests/, { html: true }),
      /page|HTML|not a registry/i,
    ],
  ])(
    '%s is refused, and told',
    async (_, damage, words) => {
      damage(image.digest);
      await refused(words);
    },
    180_000,
  );

  test('a wrong diffID is refused, and told', async () => {
    const wrong = buildImage({
      layers: [{ entries: [{ name: 'x' }] }],
      editConfig: (config) => ({
        ...config,
        rootfs: { type: 'layers', diff_ids: [`sha256:${'0'.repeat(64)}`] },
      }),
    });
    registry.addImage('b', '1', wrong);
    const result = await gocker(['pull', `${registry.host}/b:1`]);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/unpacks to sha256:\w+, but the image config says sha256:0{64}/);
    expect((await gocker(['images', '-q'])).stdout).toBe('');
  });

  test('an index without our platform names those that it has, and the flag', async () => {
    const other = (architecture: string) => buildImage({ platform: { os: 'linux', architecture } });
    registry.addImage('c', '1', buildIndex([other('s390x'), other('riscv64')]));
    const result = await gocker(['run', '--rm', `${registry.host}/c:1`]);
    expect(result.code).toBe(125);
    expect(result.stderr).toMatch(
      /linux\/s390x[\s\S]*linux\/riscv64[\s\S]*--platform|--platform[\s\S]*linux\/s390x/,
    );
  });

  test('an unknown image and an unreachable registry are told apart', async () => {
    const unknown = await gocker(['pull', `${registry.host}/nosuch:1`]);
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toMatch(/nosuch/);
    const gone = await gocker(['run', '127.0.0.1:1/a:1']);
    expect(gone).toMatchObject({ code: 125, stdout: '' });
    expect(gone.stderr).toMatch(/127\.0\.0\.1:1[\s\S]*(refused|reached)/);
  }, 120_000);

  test('a full disk is told, and nothing is left of the pull', async () => {
    const root = `${gocker.root}-small`;
    execFileSync('mkdir', ['-p', root]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', root]);
    try {
      const env = { GOCKER_ROOT: root };
      const result = await gocker(['pull', name], { env });
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toMatch(/need at least [\s\S]* free/);
      expect((await gocker(['images', '-q'], { env })).stdout).toBe('');
      execFileSync('mount', ['-o', 'remount,size=64m', root]);
      expect((await gocker(['run', '--rm', '--network', 'none', '-q', name], { env })).stdout).toBe(
        'whole\n',
      );
    } finally {
      execFileSync('umount', [root]);
    }
  });
});

/** Processes that pull, tag, remove, run, commit and prune at random, all in one root: afterwards everything is sound. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildImage } from '../fixtures/image.ts';
import { startRegistry, type TestRegistry } from '../fixtures/registry.ts';
import { type Chance, createChance } from '../fuzz/chance.ts';
import { integration, type Result, useGocker } from './helpers.ts';

const SECONDS = Number(process.env.GOCKER_TEST_STORM ?? 20);
const PROCESSES = 8;
const TAGS = ['one', 'two', 'three', 'four'];

/** What may be said to somebody who is one of many; anything else is a bug. */
const EXPECTED = [
  /no such image/i,
  /is used by container/,
  /has several names/,
  /could be /,
  /no such container/i,
  /container [0-9a-f]{12} (was|has been) removed meanwhile/,
  /is already in use|already in use by/,
  /it is (running|being started|created|exited)/,
];

integration(`a storm of ${SECONDS} s`, () => {
  const gocker = useGocker();
  let registry: TestRegistry;

  beforeAll(async () => {
    registry = await startRegistry();
    const base = { entries: [{ name: 'bin/busybox', mode: 0o755, body: readFileSync('/bin/busybox') }] };
    for (const [at, tag] of TAGS.entries()) {
      const own = Array.from({ length: at + 1 }, (_, nth) => ({
        entries: [{ name: `f/${tag}${nth}`, body: tag.repeat(20_000) }],
      }));
      registry.addImage(
        'a',
        tag,
        buildImage({ layers: [base, ...own], run: { Cmd: ['/bin/busybox', 'ls', '/f'] } }),
      );
    }
  });
  afterAll(() => registry.close());

  /** One process of the storm after the other, until the time is over; what was wrong with them. */
  async function blow(seed: number, until: number): Promise<{ done: number; wrong: string[] }> {
    const random = createChance(seed);
    const wrong: string[] = [];
    let done = 0;
    for (; Date.now() < until; done++) {
      const args = command(random, seed);
      const result = await gocker(args, { timeoutMs: 120_000 });
      const problem = problemOf(args, result);
      if (problem !== undefined) wrong.push(problem);
    }
    return { done, wrong };
  }

  function command(random: Chance, seed: number): string[] {
    const name = () => `${registry.host}/a:${random.pick(TAGS)}`;
    const local = () => `local:${random.below(4)}`;
    const some = () => (random.below(3) === 0 ? local() : name());
    const kinds: (() => string[])[] = [
      () => ['pull', '-q', name()],
      () => ['tag', some(), local()],
      () => ['rmi', ...(random.below(2) ? ['-f'] : []), some()],
      () => ['run', '--network', 'none', '--rm', ...(random.below(2) ? ['--pull', 'never'] : []), name()],
      () => [
        'run',
        '--network',
        'none',
        '--name',
        `c${seed}-${random.below(1000)}`,
        name(),
        '/bin/busybox',
        'touch',
        '/made',
      ],
      () => ['container', 'prune', '-f'],
      () => ['image', 'prune', '-f'],
      () => ['image', 'prune', '-af'],
      () => ['system', 'prune', '-f'],
      () => ['untag', some()],
      () => ['images'],
      () => ['system', 'df'],
    ];
    const commit = () => ['commit', newest(seed), local()];
    return [...kinds, ...kinds.slice(0, 5), commit][random.below(kinds.length + 6)]!();
  }

  /** A container of this process's own; somebody may have pruned it. */
  function newest(seed: number): string {
    const names = join(gocker.root, 'names');
    const all = existsSync(names) ? readdirSync(names) : [];
    return all.find((one) => one.startsWith(`c${seed}-`)) ?? 'none';
  }

  /** Undefined for what is right: a program's own output, or an error that tells of what others have done. */
  function problemOf(args: string[], { code, stdout, stderr }: Result): string | undefined {
    const about = `${args.join(' ')}: ${code} ${stdout}${stderr}`;
    if (/this is a bug/.test(stderr) || code >= 128) return about;
    if (code !== 0 && !EXPECTED.some((one) => one.test(stderr))) return about;
    const tag =
      args
        .find((one) => one.startsWith(registry.host))
        ?.split(':')
        .at(-1) ?? '';
    const ran = args[0] === 'run' && args.includes('--rm') && code === 0;
    return ran && !stdout.startsWith(`${tag}0\n`) ? about : undefined;
  }

  test(
    'leaves a store that is sound and adds up',
    async () => {
      const seed = Number(process.env.GOCKER_TEST_SEED ?? Date.now() % 1_000_000);
      console.log(`the storm's seed: GOCKER_TEST_SEED=${seed}`);
      const until = Date.now() + SECONDS * 1000;
      const storms = Array.from({ length: PROCESSES }, (_, at) => blow(seed + at, until));
      const results = await Promise.all(storms);
      console.log(`${results.reduce((sum, { done }) => sum + done, 0)} commands`);
      expect(results.flatMap(({ wrong }) => wrong)).toEqual([]);

      const verified = await gocker(['image', 'verify', '-q'], { timeoutMs: 300_000 });
      expect(verified).toEqual({ code: 0, stdout: '', stderr: '' });
      const [usage] = JSON.parse((await gocker(['system', 'df', '--json'])).stdout);
      const du = Number(execFileSync('du', ['-s', '-B1', gocker.root], { encoding: 'utf8' }).split('\t')[0]);
      expect(Math.abs(usage.total - du)).toBeLessThan(du / 100);
      // No container is made of an image that is gone.
      const ids = new Set(usage.images.map(({ id }: { id: string }) => id));
      for (const { container } of usage.containers) expect(ids).toContain(container.config.image.id);

      expect(await gocker(['container', 'prune', '-f'])).toMatchObject({ code: 0 });
      expect(await gocker(['system', 'prune', '-af'])).toMatchObject({ code: 0, stderr: '' });
      expect(readdirSync(join(gocker.root, 'blobs/sha256'))).toEqual([]);
      const storage = readdirSync(join(gocker.root, 'storage/overlayfs'));
      expect(storage.filter((one) => /^[0-9a-z]{6}$/.test(one))).toEqual([]);
    },
    SECONDS * 1000 + 600_000,
  );
});

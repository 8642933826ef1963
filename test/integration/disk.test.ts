/** What the root takes, and what prunes of images and of the system free of it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildImage } from '../fixtures/image.ts';
import { startRegistry, type TestRegistry } from '../fixtures/registry.ts';
import { image, integration, useGocker } from './helpers.ts';

integration('the disk', () => {
  const gocker = useGocker();
  const busybox = image('busybox:1');
  let registry: TestRegistry;

  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.close());
  beforeEach(() => gocker(['pull', '-q', busybox]));
  afterEach(async () => {
    const ids = (await gocker(['ps', '-aq'])).stdout.split('\n').filter(Boolean);
    if (ids.length > 0) await gocker(['rm', '-f', ...ids]);
    await gocker(['system', 'prune', '-af']);
  });

  const du = () =>
    Number(execFileSync('du', ['-s', '-B1', gocker.root], { encoding: 'utf8' }).split('\t')[0]);
  const out = async (...args: string[]) => {
    const { code, stdout, stderr } = await gocker(args);
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
    return stdout;
  };
  const usage = async () => JSON.parse(await out('system', 'df', '--json'))[0];

  /** An image of one large file and, with `labels`, of its own labels. */
  async function add(tag: string, labels: Record<string, string> = {}, created = '2020-01-01T00:00:00Z') {
    const layers = [{ entries: [{ name: `big-${tag}`, body: tag.repeat(300_000) }] }];
    const editConfig = (config: Record<string, unknown>) => ({ ...config, created });
    registry.addImage('a', tag, buildImage({ layers, run: { Labels: labels }, editConfig }));
    await out('pull', '-q', `${registry.host}/a:${tag}`);
    return `${registry.host}/a:${tag}`;
  }

  test('df adds up to what du says, with everything that there can be', async () => {
    await out(
      'run',
      '--name',
      'ended',
      busybox,
      'sh',
      '-c',
      'head -c 3000000 /dev/zero > /x; ln /x /y; echo said',
    );
    await out('run', '--network', 'none', '-d', '--name', 'runs', busybox, 'sleep', '600');
    mkdirSync(join(gocker.root, 'volumes/data/_data'), { recursive: true });
    writeFileSync(join(gocker.root, 'volumes/data/_data/file'), 'x'.repeat(100_000));
    writeFileSync(join(gocker.root, 'ingest', `${'0'.repeat(64)}.part`), 'x'.repeat(50_000));
    mkdirSync(join(gocker.root, 'storage/overlayfs/orphan'));
    writeFileSync(join(gocker.root, 'storage/overlayfs/orphan/file'), 'x'.repeat(70_000));
    const { total, other, orphans, categories } = await usage();
    const { images, containers, volumes, downloads } = categories;
    expect(Math.abs(total - du())).toBeLessThan(du() / 100);
    const sum = images.size + containers.size + volumes.size + downloads.size + other;
    expect(sum).toBe(total);
    expect(orphans).toBeGreaterThan(70_000);
    expect(images).toMatchObject({ total: 1, active: 1, reclaimable: 0 });
    expect(containers).toMatchObject({ total: 2, active: 1 });
    expect(containers.reclaimable).toBeGreaterThan(3_000_000);
    expect(containers.reclaimable).toBeLessThan(3_200_000);
    expect(volumes).toMatchObject({ total: 1, active: 0 });
    expect(downloads.total).toBe(1);
    expect(await out('system', 'df')).toMatch(
      /^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE\nImages +1 +1 +\S+ +0B \(0%\)\nContainers +2 +1 +\S+ +3\.\d+MB \(9\d%\)\n/,
    );
    expect(await out('system', 'df', '-v')).toMatch(
      /LAYER +IMAGES +PACKED[\s\S]*ended[\s\S]*data +0 +1\d\dkB/,
    );
  });

  test('layers that images share are told apart from those that they do not', async () => {
    const base = { entries: [{ name: 'base', body: 'b'.repeat(900_000) }] };
    for (const tag of ['one', 'two']) {
      const layers = [base, { entries: [{ name: tag, body: tag.repeat(100_000) }] }];
      registry.addImage('s', tag, buildImage({ layers }));
      await out('pull', '-q', `${registry.host}/s:${tag}`);
    }
    const { images, layers } = await usage();
    const shared = layers.filter((layer: { images: string[] }) => layer.images.length === 2);
    expect(shared).toHaveLength(1);
    const ours = images.filter(({ names }: { names: { repository: string }[] }) =>
      names[0]!.repository.endsWith('/s'),
    );
    expect(ours.map((one: { shared: number }) => one.shared)).toEqual(
      Array(2).fill(shared[0].packed + shared[0].unpacked),
    );
  });

  test('a dry run of system prune says what the prune does, and that is what du tells', async () => {
    await add('one');
    await out(
      'run',
      '--network',
      'none',
      '--name',
      'ended',
      '-v',
      '/v',
      busybox,
      'sh',
      '-c',
      'head -c 3000000 /dev/zero > /x; head -c 50000 /dev/zero > /v/x',
    );
    await out('run', '--network', 'none', '-d', '--name', 'runs', busybox, 'sleep', '600');
    writeFileSync(join(gocker.root, 'ingest', `${'0'.repeat(64)}.part`), 'x'.repeat(50_000));
    for (const flags of [[], ['--all', '--volumes']]) {
      const [plan] = JSON.parse(await out('system', 'prune', ...flags, '--dry-run', '--json'));
      const before = du();
      const [done] = JSON.parse(await out('system', 'prune', ...flags, '--force', '--json'));
      expect(done).toEqual(plan);
      expect(plan.reclaimed).toBeGreaterThan(flags.length === 0 ? 3_000_000 : 300_000);
      // A few records, such as the container's name and the list of images, are not counted.
      expect(Math.abs(before - du() - plan.reclaimed)).toBeLessThanOrEqual(3 * 4096);
    }
    expect((await out('ps', '--format', '{{.Names}}')).trim()).toBe('runs');
    expect((await out('images', '-q')).trim().split('\n')).toHaveLength(1);
  });

  test('image prune takes what has no name, and with --all what no container uses', async () => {
    const one = await add('one');
    await add('two');
    registry.addImage('a', 'one', buildImage({ layers: [{ entries: [{ name: 'new' }] }] }));
    await out('pull', '-q', one);
    expect((await out('images', '-q')).trim().split('\n')).toHaveLength(4);
    expect(await out('image', 'prune', '-f')).toMatch(
      /^Deleted Images:\ndeleted: sha256:\w{64}\ndeleted: sha256:\w{64}\n\nTotal reclaimed space: 9\d\dkB\n$/,
    );
    await out('run', '--network', 'none', '--name', 'uses', busybox, 'true');
    const all = await out('image', 'prune', '-af');
    expect(all).toContain(`untagged: ${one}\n`);
    expect(all).toContain(`untagged: ${registry.host}/a:two\n`);
    expect((await out('images', '--format', '{{.Repository}}:{{.Tag}}')).trim()).toBe(busybox);
  });

  test('image prune goes by age and by label', async () => {
    await add('old');
    await add('new', {}, new Date().toISOString());
    await add('kept', { keep: 'yes' });
    const names = async () => (await out('images', '--format', '{{.Tag}}')).trim().split('\n').sort();
    await out('image', 'prune', '-af', '--filter', 'until=24h', '--filter', 'label!=keep');
    // The ground's image says nothing of its age.
    expect(await names()).toEqual(expect.arrayContaining(['kept', 'new']));
    expect(await names()).not.toContain('old');
    await out('image', 'prune', '-af', '--filter', 'label=keep=yes');
    expect(await names()).not.toContain('kept');
    expect(await gocker(['image', 'prune', '-f', '--filter', 'size=3'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('invalid filter'),
    });
  });

  test('asks first, and takes nothing for a no', async () => {
    const question =
      /^WARNING! This will remove all dangling images\.\nAre you sure you want to continue\? \[y\/N\] $/;
    expect((await gocker(['image', 'prune'], { input: 'n\n' })).stdout).toMatch(question);
    const system = await gocker(['system', 'prune', '-a'], { input: '' });
    expect(system.stdout).toContain('  - all images without at least one container associated to them\n');
    expect((await out('images', '-q')).trim()).not.toBe('');
    expect((await gocker(['system', 'prune', '-a'], { input: 'y\n' })).stdout).toContain(
      'Total reclaimed space',
    );
    expect(await out('images', '-q')).toBe('');
  });
});

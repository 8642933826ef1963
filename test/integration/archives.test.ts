/** Images through files: to gocker again, and to and from skopeo and umoci. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { ociEntries } from '../fixtures/archive.ts';
import { buildImage, buildIndex } from '../fixtures/image.ts';
import { tar } from '../fixtures/tar.ts';
import { pushPlatforms } from './ground/platforms.ts';
import { GOCKER, ground, image, integration, useGocker } from './helpers.ts';

const skopeo = (...args: string[]) => execFileSync('skopeo', args, { encoding: 'utf8', stdio: 'pipe' });

integration('images as files', () => {
  const gocker = useGocker();
  const [busybox, plain] = [image('busybox:1'), image('busybox:plain')];
  let work = '';
  beforeAll(async () => {
    work = mkdtempSync(join(gocker.env.HOME!, 'work-'));
    expect(await gocker(['pull', '-q', busybox, plain])).toMatchObject({ code: 0 });
  });

  const ok = async (...args: string[]) => {
    const result = await gocker(args, { cwd: work });
    expect(result, result.stderr).toMatchObject({ code: 0 });
    return result.stdout;
  };
  const inspect = async (name: string) => JSON.parse(await ok('image', 'inspect', name))[0];
  const digests = async () =>
    (await ok('images', '--format', '{{.Repository}}:{{.Tag}} {{.Digest}} {{.ID}}')).split('\n').sort();
  /** One by one: an image may be here with several manifests, and what goes with one may be another platform's. */
  const forgetAll = async () => {
    for (let id = await firstID(); id !== ''; id = await firstID()) await ok('rmi', '-f', id);
    expect(readdirSync(join(gocker.root, 'blobs/sha256'))).toEqual([]);
  };
  const firstID = async () => (await ok('images', '-q')).split('\n')[0]!;

  test('save and load keep names, digests and every byte', async () => {
    await ok('tag', busybox, 'more:2');
    const before = await digests();
    await ok('save', '-o', 'both.tar', busybox, 'more:2', plain);
    expect(statSync(join(work, 'both.tar')).mode & 0o777).toBe(0o600);
    const blobs = readdirSync(join(gocker.root, 'blobs/sha256')).sort();
    await forgetAll();
    const loaded = await gocker(['load', '-i', 'both.tar'], { cwd: work });
    expect(loaded).toMatchObject({ code: 0, stderr: '' });
    expect(loaded.stdout.split('\n').filter(Boolean).sort()).toEqual(
      [busybox, 'more:2', plain].map((name) => `Loaded image: ${name}`).sort(),
    );
    expect(await digests()).toEqual(before);
    expect(readdirSync(join(gocker.root, 'blobs/sha256')).sort()).toEqual(blobs);
  });

  test('the same images make the same archive, in a file and in a pipe', async () => {
    const args = [GOCKER, 'save', busybox, 'more:2', plain];
    const piped = execFileSync(process.execPath, args, {
      env: gocker.env,
      maxBuffer: 1 << 30,
      stdio: 'pipe',
    });
    expect(piped.equals(readFileSync(join(work, 'both.tar')))).toBe(true);
  });

  test.each(['gzip', 'zstd'])('load reads from a pipe what %s has packed', async (tool) => {
    const input = execFileSync(tool, ['-c', '-q', join(work, 'both.tar')], { maxBuffer: 1 << 30 });
    await forgetAll();
    expect(await gocker(['load', '-q'], { input })).toMatchObject({ code: 0, stderr: '' });
    expect(await ok('run', '--rm', 'more:2', 'echo', 'ran')).toBe('ran\n');
  });

  test('a folder is an OCI layout for skopeo and umoci, and comes back', async () => {
    await ok('save', '-o', 'layout/', busybox, plain);
    const again = await gocker(['save', '--format', 'oci-dir', '-o', 'layout', busybox], { cwd: work });
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('is not empty') });
    const { Digest } = JSON.parse(skopeo('inspect', `oci:${join(work, 'layout')}:${plain}`));
    expect((await inspect(plain)).RepoDigests[0]).toContain(Digest);
    const bundle = join(work, 'bundle');
    execFileSync('umoci', ['unpack', '--image', `${join(work, 'layout')}:${busybox}`, bundle], {
      stdio: 'pipe',
    });
    expect(existsSync(join(bundle, 'rootfs/bin/busybox'))).toBe(true);
    const before = await digests();
    await forgetAll();
    await ok('load', '-i', 'layout');
    expect(await digests()).toEqual(before.filter((line) => !line.startsWith('more:2')));
  });

  test('skopeo reads the archive in both of its readings', async () => {
    await ok('save', '-o', 'one.tar', busybox);
    const { Id, RepoDigests } = await inspect(busybox);
    const digestOf = (source: string) => JSON.parse(skopeo('inspect', source)).Digest;
    expect(RepoDigests[0]).toContain(digestOf(`oci-archive:${work}/one.tar`));
    const config = skopeo('inspect', '--config', '--raw', `docker-archive:${work}/one.tar:${busybox}`);
    expect(`sha256:${createHash('sha256').update(config).digest('hex')}`).toBe(Id);
  });

  test.each([
    ['oci-archive', 'Loaded image ID: sha256:'],
    ['docker-archive', 'Loaded image: localhost/from/skopeo:1'],
  ])('what skopeo writes as %s is loaded', async (transport, said) => {
    const { Id } = await inspect(busybox);
    const file = join(work, `${transport}.tar`);
    const name = transport === 'docker-archive' ? ':localhost/from/skopeo:1' : ':latest';
    skopeo('copy', '-q', `oci:${gocker.root}:${busybox}`, `${transport}:${file}${name}`);
    await forgetAll();
    const loaded = await ok('load', '-i', file);
    expect(loaded).toContain(said);
    const [row] = (await ok('images', '--no-trunc', '-q')).split('\n');
    expect(row).toBe(Id);
    expect(await ok('run', '--rm', Id, 'echo', 'ran')).toBe('ran\n');
    await ok('load', '-i', 'both.tar');
  });

  test('what umoci has made is loaded', async () => {
    const layout = join(work, 'umoci');
    execFileSync('umoci', ['init', '--layout', layout]);
    execFileSync('umoci', ['new', '--image', `${layout}:example.com/empty:1`]);
    expect(await ok('load', '-i', layout)).toBe('Loaded image: example.com/empty:1\n');
    expect((await inspect('example.com/empty:1')).RootFS.Layers).toEqual([]);
  });

  test('an index goes whole when all of it is here; of another one image goes, and that is said', async () => {
    const platforms = `${ground().registry}/archived/platforms:1`;
    pushPlatforms(platforms);
    await ok('pull', '-q', platforms);
    const half = await gocker(['save', '-o', 'half.tar', platforms], { cwd: work });
    expect(half).toMatchObject({ code: 0, stderr: expect.stringMatching(/only linux\/\w+ is saved/) });
    await ok('pull', '-q', '--all-platforms', platforms);
    const { RepoDigests } = await inspect(platforms);
    expect(await gocker(['save', '-o', 'whole.tar', platforms], { cwd: work })).toMatchObject({ stderr: '' });
    await ok('save', '-o', 'arm.tar', '--platform', 'linux/arm64', platforms);
    await forgetAll();
    await ok('load', '-i', 'whole.tar');
    expect((await inspect(platforms)).RepoDigests).toEqual(RepoDigests);
    expect(await ok('run', '--rm', '--platform', 'linux/arm64', platforms)).toBe('arm64');
    await forgetAll();
    await ok('load', '-i', 'arm.tar');
    expect((await inspect(platforms)).Architecture).toBe('arm64');
    await ok('load', '-i', 'both.tar');
  });

  test('an index in an index runs, is saved and comes back', async () => {
    const layers = [{ entries: [{ name: 'busybox', mode: 0o755, body: readFileSync('/bin/busybox') }] }];
    const built = buildIndex([
      buildIndex([buildImage({ layers, run: { Cmd: ['/busybox', 'echo', 'deep'] } })]),
    ]);
    const annotations = { 'org.opencontainers.image.ref.name': 'example.com/deep:1' };
    const input = tar(ociEntries([{ image: built, annotations }]));
    expect(await gocker(['load', '-q'], { input })).toMatchObject({ code: 0, stderr: '' });
    const runs = () => ok('run', '--rm', '--network', 'none', 'example.com/deep:1');
    expect(await runs()).toBe('deep\n');
    expect(await gocker(['save', '-o', 'deep.tar', 'example.com/deep:1'], { cwd: work })).toMatchObject({
      code: 0,
      stderr: '',
    });
    await ok('rmi', 'example.com/deep:1');
    await ok('load', '-i', 'deep.tar');
    expect(await runs()).toBe('deep\n');
    expect((await inspect('example.com/deep:1')).RepoDigests).toEqual([`example.com/deep@${built.digest}`]);
    await ok('rmi', 'example.com/deep:1');
  });

  test('a name without a tag is all tags, as for docker', async () => {
    for (const tag of ['1', '2', 'latest']) await ok('tag', busybox, `many:${tag}`);
    await ok('save', '-o', 'many.tar', 'many');
    await ok('untag', 'many:1', 'many:1', 'many:2', 'many:latest');
    expect(await ok('load', '-i', 'many.tar')).toBe(
      'Loaded image: many:1\nLoaded image: many:2\nLoaded image: many:latest\n',
    );
  });

  test('what a killed load has left goes with the next command', async () => {
    const child = spawn(process.execPath, [GOCKER, 'load'], {
      env: gocker.env,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const ended = once(child, 'exit');
    const ingest = () => readdirSync(join(gocker.root, 'ingest'));
    child.stdin.write(readFileSync(join(work, 'both.tar')).subarray(0, 300_000));
    while (!ingest().some((name) => name.endsWith('.tmp'))) await sleep(20);
    child.kill('SIGKILL');
    await ended;
    expect(ingest()).not.toEqual([]);
    await ok('images');
    expect(ingest()).toEqual([]);
  });

  test('what cannot be is said, and nothing is left of it', async () => {
    const refused = async (args: string[], said: string, input?: string) => {
      const result = await gocker(args, { cwd: work, ...(input !== undefined && { input }) });
      expect(result).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(said) });
    };
    await refused(['save', '-o', 'no.tar', 'nosuch'], 'No such image: nosuch');
    await refused(['save', '--format', 'zip', busybox], 'invalid format "zip"');
    await refused(['save', '--format', 'oci-dir', busybox], 'a folder needs a name');
    await refused(['save', '-o', 'no/such/folder.tar', busybox], 'no such file or directory');
    await refused(['load', '-i', 'nosuch.tar'], 'there is no "nosuch.tar"');
    await refused(['load'], 'cannot load standard input', 'garbage');
    expect(existsSync(join(work, 'no.tar'))).toBe(false);
    expect(readdirSync(join(gocker.root, 'ingest'))).toEqual([]);
  });
});

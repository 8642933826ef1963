import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pushPlatforms } from './ground/platforms.ts';
import { type Registry, startRegistry } from './ground/registry.ts';
import { image, integration, useGocker } from './helpers.ts';

const skopeo = (...args: string[]) => execFileSync('skopeo', args, { encoding: 'utf8', stdio: 'pipe' });

/** The manifest or index as its registry has it. */
const raw = (name: string) => skopeo('inspect', '--tls-verify=false', '--raw', `docker://${name}`);
const digestAt = (name: string) => `sha256:${createHash('sha256').update(raw(name)).digest('hex')}`;

integration('pushing', () => {
  const gocker = useGocker();
  let there: Registry;
  let platforms = '';
  beforeAll(async () => {
    there = await startRegistry();
    platforms = `${there.host}/source/platforms:1`;
    pushPlatforms(platforms);
  });
  afterAll(() => there.stop());

  const pull = async (...args: string[]) =>
    expect(await gocker(['pull', '-q', ...args])).toMatchObject({ code: 0 });
  const tag = async (...args: string[]) => expect(await gocker(['tag', ...args])).toMatchObject({ code: 0 });

  test.each(['1', 'schema2', 'zstd', 'plain'])('busybox:%s keeps its digest on the way', async (name) => {
    const [from, to] = [image(`busybox:${name}`), `${there.host}/kept/busybox:${name}`];
    await pull(from);
    await tag(from, to);
    const pushed = await gocker(['push', to]);
    expect(pushed.code).toBe(0);
    expect(pushed.stdout).toBe(`${name}: digest: ${digestAt(from)} size: ${raw(from).length}\n`);
    expect(pushed.stderr).toMatch(
      /^The push refers to repository \[[\w.:/]+\]\n[0-9a-f]{12}: (Pushed|Layer already exists)\n$/,
    );
    expect(raw(to)).toBe(raw(from));
  });

  test('what is there is not sent again; what another repository has is taken from there', async () => {
    const to = `${there.host}/kept/busybox:1`;
    const again = await gocker(['image', 'push', to]);
    expect(again.stderr).toMatch(/: Layer already exists\n$/);
    const other = `${there.host}/other/name:1`;
    await tag(to, other);
    const mounted = await gocker(['push', other]);
    expect(mounted.stderr).toMatch(/: Mounted from kept\/busybox\n$/);
    expect(raw(other)).toBe(raw(to));
    expect(await gocker(['push', '-q', other])).toEqual({ code: 0, stdout: `${other}\n`, stderr: '' });
  });

  test('an index goes whole when all platforms are here, and is one image for this machine', async () => {
    const [from, to] = [platforms, `${there.host}/multi/busybox:all`];
    await pull('--all-platforms', from);
    const rows = (await gocker(['images', '-q', from])).stdout.trim().split('\n');
    expect(rows).toHaveLength(1);
    await tag(from, to);
    const pushed = await gocker(['push', to]);
    expect(pushed.stdout).toBe(`all: digest: ${digestAt(from)} size: ${raw(from).length}\n`);
    expect(raw(to)).toBe(raw(from));
    const copied = join(gocker.env.HOME!, 'copied');
    skopeo(
      'copy',
      '-q',
      '--all',
      '--preserve-digests',
      '--src-tls-verify=false',
      `docker://${to}`,
      `dir:${copied}`,
    );
    expect(readFileSync(join(copied, 'manifest.json'), 'utf8')).toBe(raw(from));
    const one = `${there.host}/multi/busybox:arm64`;
    await tag(from, one);
    await gocker(['push', '--platform', 'linux/arm64', one]);
    const { manifests } = JSON.parse(raw(from));
    expect(manifests.map(({ digest }: { digest: string }) => digest)).toContain(digestAt(one));
  });

  test('an image that was kept packed is unpacked when it is run', async () => {
    const run = ['run', '--rm', '--pull=never', '--platform', 'linux/arm64', platforms];
    expect(await gocker(run)).toMatchObject({ code: 0, stdout: 'arm64' });
    expect(await gocker(['run', '--rm', '--pull=never', platforms])).toMatchObject({
      code: 0,
      stdout: 'amd64',
    });
  });

  test('of an index that is not all here one image goes, and that is said', async () => {
    const [from, to] = [platforms, `${there.host}/alone/busybox:1`];
    const names = [from, `${there.host}/multi/busybox:all`, `${there.host}/multi/busybox:arm64`];
    expect(await gocker(['rmi', ...names])).toMatchObject({ code: 0 });
    await pull(from);
    await tag(from, to);
    const pushed = await gocker(['push', to]);
    expect(pushed.code).toBe(0);
    expect(pushed.stderr).toMatch(/only linux\/\w+ is pushed/);
    expect(JSON.parse(raw(from)).manifests.map(({ digest }: { digest: string }) => digest)).toContain(
      digestAt(to),
    );
  });

  test('all tags of a repository go, and tags lists them', async () => {
    const name = `${there.host}/many/tags`;
    for (const one of ['1.10', '1.9', 'latest']) await tag(image('busybox:1'), `${name}:${one}`);
    const pushed = await gocker(['push', '--all-tags', name]);
    expect(pushed.stdout).toMatch(/^1\.10: digest: .*\n1\.9: digest: .*\nlatest: digest: .*\n$/);
    expect((await gocker(['tags', '-q', name])).stdout).toBe('1.9\n1.10\nlatest\n');
    const json = (await gocker(['tags', '--format', 'json', name])).stdout.trim().split('\n');
    expect(JSON.parse(json[0]!)).toEqual({ Repository: name, Tag: '1.9' });
  });

  test("gocker's own store is a layout that skopeo reads and copies from", async () => {
    const from = image('busybox:1');
    const source = `oci:${gocker.root}:${from}`;
    expect(JSON.parse(skopeo('inspect', source)).Digest).toBe(digestAt(from));
    const to = `${there.host}/by/skopeo:1`;
    skopeo('copy', '-q', '--preserve-digests', '--dest-tls-verify=false', source, `docker://${to}`);
    expect(raw(to)).toBe(raw(from));
  });

  test('an image is looked at without pulling it', async () => {
    const from = `${there.host}/multi/busybox:all`;
    const before = readdirSync(join(gocker.root, 'blobs/sha256')).length;
    const { stdout } = await gocker(['image', 'inspect', '--remote', '--platform', 'linux/arm64', from]);
    expect(JSON.parse(stdout)[0]).toMatchObject({
      Architecture: 'arm64',
      Variant: 'v8',
      Digest: digestAt(from),
      RepoTags: [from],
      Platforms: ['linux/amd64', 'linux/arm64/v8', 'linux/arm/v7'],
      Config: { Cmd: ['cat', '/architecture'] },
    });
    expect(readdirSync(join(gocker.root, 'blobs/sha256'))).toHaveLength(before);
    expect(await gocker(['image', 'inspect', '--remote', `${there.host}/no/such`])).toMatchObject({
      code: 1,
    });
  });

  test('what cannot be pushed is said before anything is sent', async () => {
    const unnamed = await gocker(['push', `${there.host}/never/tagged:1`]);
    expect(unnamed.code).toBe(1);
    expect(unnamed.stderr).toContain(`gocker tag IMAGE ${there.host}/never/tagged:1`);
    const digest = await gocker(['push', `${there.host}/x@sha256:${'a'.repeat(64)}`]);
    expect(digest).toMatchObject({ code: 1, stderr: expect.stringContaining('a digest is no place') });
  });

  test('names are given and taken away; an image without one stays', async () => {
    const name = `${there.host}/kept/busybox:plain`;
    await tag(image('busybox:plain'), 'more');
    expect(await gocker(['untag', 'more', name])).toMatchObject({ code: 0, stdout: '' });
    expect((await gocker(['images', '-q', name])).stdout).toBe('');
    expect(await gocker(['image', 'untag', 'more'])).toMatchObject({ code: 0 });
    expect((await gocker(['images'])).stdout).toMatch(/^<none> +<none> +[0-9a-f]{12}/m);
    const wrong = await gocker(['untag', image('busybox:1'), 'nosuch']);
    expect(wrong).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nosuch:latest is no name of image'),
    });
  });

  test('several images are pulled at once; one that fails does not keep the others', async () => {
    const pulled = await gocker(['pull', image('busybox:1'), image('nosuch:1'), image('busybox:zstd')]);
    expect(pulled.code).toBe(1);
    expect(pulled.stderr).toContain('nosuch');
    expect(pulled.stdout.match(/^Status: /gm)).toHaveLength(2);
  });
});

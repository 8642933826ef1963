import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { image, integration } from './helpers.ts';
import { useMountPlace } from './mount-place.ts';

integration('mounts', () => {
  const place = useMountPlace();
  const { gocker, busybox, ok, sh, mount } = place;

  /** Runs `body` with a tmpfs mounted at src/sub. */
  async function withSubmount(body: () => Promise<void>) {
    mount('-t', 'tmpfs', 'tmpfs', join(place.work, 'src/sub'));
    try {
      await body();
    } finally {
      execFileSync('umount', [join(place.work, 'src/sub')]);
    }
  }

  test('--mount binds, and what it binds must be there', async () => {
    const { stdout, stderr } = await sh(
      ['--mount', `type=bind,src=${place.work}/src,dst=/d,readonly`],
      'cat /d/f; touch /d/g',
    );
    expect([stdout, stderr]).toEqual(['mine\n', expect.stringContaining('Read-only file system')]);
    expect(await sh(['--mount', `type=bind,src=${place.work}/none,dst=/d`], 'true')).toMatchObject({
      code: 125,
      stderr: expect.stringContaining(
        `invalid mount config for type "bind": bind source path does not exist: ${place.work}/none`,
      ),
    });
    expect((await sh(['-v', `${place.work}/made:/d`], 'true')).code).toBe(0);
    expect(existsSync(join(place.work, 'made'))).toBe(true);
  });

  test('read-only binds are so all the way down, unless asked otherwise', async () => {
    await withSubmount(async () => {
      const write = 'touch /d/sub/x 2>/dev/null && echo written; ls /d/sub';
      const result = async (flag: string, value: string) => (await sh([flag, value], write)).stdout;
      expect(await result('-v', `${place.work}/src:/d:ro`)).toBe('');
      expect(
        await result('--mount', `type=bind,src=${place.work}/src,dst=/d,ro,bind-recursive=writable`),
      ).toBe('written\nx\n');
      expect(await result('--mount', `type=bind,src=${place.work}/src,dst=/d,bind-recursive=disabled`)).toBe(
        'written\nx\n',
      );
    });
    expect(readdirSync(join(place.work, 'src/sub'))).toEqual(['x']);
  });

  test('tmpfs of --mount has its size and mode', async () => {
    const { stdout } = await sh(
      ['--mount', 'type=tmpfs,dst=/t,tmpfs-size=2m,tmpfs-mode=1700'],
      'stat -c %a /t; grep " /t " /proc/mounts',
    );
    expect(stdout).toMatch(/^1700\ntmpfs \/t tmpfs .*size=2048k/);
    expect((await sh(['--mount', 'type=tmpfs,dst=/t,ro'], 'touch /t/x')).stderr).toContain('Read-only');
  });

  test('an image is mounted read-only, and stays while it is', async () => {
    await ok(
      'create',
      '--name',
      'holder',
      '--mount',
      `type=image,src=${busybox},dst=/i,image-subpath=bin`,
      busybox,
      'ls',
      '/i',
    );
    const started = gocker.start(['start', '-a', 'holder']);
    expect((await started.ended).stdout).toContain('busybox');
    expect(JSON.parse(await ok('inspect', '--format', '{{json .Mounts}}', 'holder'))).toMatchObject([
      { Type: 'image', RW: false },
    ]);
    await ok('rm', 'holder');
    expect(
      (await sh(['--mount', `type=image,src=${busybox},dst=/i`], 'ls /i/bin/sh; touch /i/x')).stderr,
    ).toContain('Read-only');
    expect((await sh(['--mount', `type=image,src=${image('nosuch')},dst=/i`], 'true')).code).toBe(125);
    expect(
      readdirSync(join(gocker.root, 'storage/overlayfs/names')).filter((name) => name.includes('image')),
    ).toEqual([]);
  });

  test('a part of a volume', async () => {
    await sh(
      ['-v', 'parts:/v'],
      'mkdir -p /v/a/b; echo part > /v/a/b/f; ln -s a /v/in; ln -s /etc /v/out; ln -s ../.. /v/up',
    );
    const part = (subpath: string) =>
      sh(['--mount', `src=parts,dst=/p,volume-subpath=${subpath}`], 'cat /p/f /p/b/f 2>/dev/null');
    expect((await part('a/b')).stdout).toBe('part\n');
    expect((await part('in')).stdout).toBe('part\n');
    for (const [subpath, why] of [
      ['none', 'no such file'],
      ['out', 'leads out'],
      ['up', 'leads out'],
      ['a/b/f/x', 'no such file'],
    ]) {
      expect(await part(subpath!)).toMatchObject({ code: 125, stderr: expect.stringContaining(why!) });
    }
    await ok('volume', 'rm', 'parts');
  });

  test('--volumes-from has the same mounts at the same places', async () => {
    await ok(
      'run',
      '--name',
      'giver',
      '-v',
      'given:/v',
      '-v',
      '/anonymous',
      '-v',
      `${place.work}/src:/s:ro`,
      busybox,
      'sh',
      '-c',
      'echo given > /v/f',
    );
    expect(
      (await sh(['--volumes-from', 'giver'], 'cat /v/f /s/f; touch /v/g; ls -d /anonymous')).stdout,
    ).toBe('given\nmine\n/anonymous\n');
    const readonly = await sh(['--volumes-from', 'giver:ro', '-v', `${place.work}:/s`], 'ls /s; touch /v/h');
    expect(readonly).toMatchObject({ stdout: 'src\n', stderr: expect.stringContaining('Read-only') });
    expect((await sh(['--volumes-from', 'nosuch'], 'true')).stderr).toContain('No such container: nosuch');
    await ok('rm', '-v', 'giver');
    expect(await ok('volume', 'ls', '-q')).toBe('given\n');
    await ok('volume', 'rm', 'given');
  });

  test('inspect shows what was asked for as docker does', async () => {
    const flags = [
      '-v',
      `${place.work}/src:/s:ro,rslave`,
      '-v',
      'named:/n',
      '-v',
      '/alone',
      '--tmpfs',
      '/t:size=1m',
    ];
    const words = [
      '--mount',
      `type=bind,src=${place.work}/src,dst=/b,readonly,bind-propagation=rprivate`,
      '--mount',
      'type=tmpfs,dst=/m,tmpfs-size=1m',
    ];
    const id = (await ok('create', '--name', 'shown', ...flags, ...words, busybox)).trim();
    const [{ HostConfig, Mounts, Config }] = JSON.parse(await ok('inspect', id));
    expect(HostConfig).toMatchObject({
      Binds: [`${place.work}/src:/s:ro,rslave`, 'named:/n'],
      Mounts: [
        {
          Type: 'bind',
          Source: `${place.work}/src`,
          Target: '/b',
          ReadOnly: true,
          BindOptions: { Propagation: 'rprivate' },
        },
        { Type: 'tmpfs', Target: '/m', TmpfsOptions: { SizeBytes: 1048576 } },
      ],
      Tmpfs: { '/t': 'size=1m' },
      VolumesFrom: null,
    });
    expect(Config.Volumes).toEqual({ '/alone': {} });
    const rows = Mounts.map((one: Record<string, unknown>) => [
      one.Type,
      one.Destination,
      one.Mode,
      one.RW,
      one.Propagation,
    ]);
    expect(rows).toEqual([
      ['bind', '/s', 'ro,rslave', false, 'rslave'],
      ['volume', '/n', 'z', true, ''],
      ['volume', '/alone', '', true, ''],
      ['bind', '/b', '', false, 'rprivate'],
      ['tmpfs', '/m', '', true, ''],
    ]);
    expect(await ok('ps', '-a', '--filter', 'volume=named', '--format', '{{.Names}} {{.LocalVolumes}}')).toBe(
      'shown 2\n',
    );
    expect(await ok('ps', '-aq', '--filter', 'volume=/n', '--no-trunc')).toBe(`${id}\n`);
    await ok('rm', '-v', 'shown');
    await ok('volume', 'rm', 'named');
  });

  test('the same place twice is refused', async () => {
    expect(await sh(['-v', 'one1:/d', '--tmpfs', '/d'], 'true')).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('duplicate mount point: /d'),
    });
    expect(await ok('volume', 'ls', '-q')).toBe('');
  });
});

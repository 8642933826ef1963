import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { integration } from './helpers.ts';
import { useMountPlace } from './mount-place.ts';

integration('mounts that the host sees, too', () => {
  const place = useMountPlace();
  const { gocker, busybox, ok, sh, mount } = place;

  test('owners are seen as others with idmap', async () => {
    execFileSync('chown', ['-R', '1000:1001', join(place.work, 'src')]);
    const map = 'idmap=uids=1000-0-1;gids=1001-0-1';
    const script = 'stat -c "%u %g" /d/f; echo new > /d/new; stat -c "%u %g" /d/new';
    expect((await sh(['-v', `${place.work}/src:/d:${map}`], script)).stdout).toBe('0 0\n0 0\n');
    const { uid, gid } = statSync(join(place.work, 'src/new'));
    expect([uid, gid]).toEqual([1000, 1001]);
    expect(
      (await sh(['--mount', `type=bind,src=${place.work}/src,dst=/d,${map}`], 'stat -c "%u %g" /d/f')).stdout,
    ).toBe('0 0\n');
    expect((await sh(['-v', `${place.work}/src:/d`], 'stat -c "%u %g" /d/f')).stdout).toBe('1000 1001\n');
    await ok('create', '--name', 'mapped', '-v', `${place.work}/src:/d:${map}`, busybox);
    await ok('cp', '-q', join(place.work, 'src/f'), 'mapped:/d/copied');
    expect(statSync(join(place.work, 'src/copied')).uid).toBe(1000);
    await ok('rm', 'mapped');
    const overlapping = 'idmap=uids=0-0-10#5-20-10';
    expect(await sh(['-v', `${place.work}/src:/d:${overlapping}`], 'true')).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('the kernel does not take the uid map'),
    });
  });

  test('later mounts are told both ways, one way, or not at all', async () => {
    const host = join(place.work, 'shared');
    for (const name of ['', 'a', 'b']) mkdirSync(join(host, name), { recursive: true });
    mount('--bind', host, host);
    const observe = async (word: string) => {
      const name = `w-${word}`;
      const script = 'mount -t tmpfs tmpfs /d/b; echo up; sleep 600';
      const running = gocker.start([
        'run',
        '--rm',
        '--privileged',
        '--name',
        name,
        '-v',
        `${host}:/d:${word}`,
        busybox,
        'sh',
        '-c',
        script,
      ]);
      await running.waitFor('up');
      const mounts = () => readFileSync('/proc/self/mounts', 'utf8');
      const out = mounts().includes(` ${host}/b `);
      mount('-t', 'tmpfs', 'tmpfs', join(host, 'a'));
      const into =
        (await gocker(['exec', name, 'grep', '-c', ' /d/a ', '/proc/mounts'])).stdout.trim() === '1';
      execFileSync('umount', [join(host, 'a')]);
      if (out) execFileSync('umount', [join(host, 'b')]);
      await gocker(['rm', '-f', name]);
      await running.ended;
      return { into, out };
    };
    try {
      mount('--make-private', host);
      expect(await sh(['-v', `${host}:/d:rshared`], 'true')).toMatchObject({
        code: 125,
        stderr: expect.stringContaining(`path ${host} is mounted on ${host} but it is not a shared mount`),
      });
      expect((await sh(['-v', `${host}:/d:rslave`], 'true')).stderr).toContain('not a shared or slave mount');
      mount('--make-shared', host);
      expect(await observe('rshared')).toEqual({ into: true, out: true });
      expect(await observe('shared')).toEqual({ into: true, out: true });
      expect(await observe('rslave')).toEqual({ into: true, out: false });
      expect(await observe('slave')).toEqual({ into: true, out: false });
      expect(await observe('rprivate')).toEqual({ into: false, out: false });
    } finally {
      execFileSync('umount', ['-R', host]);
    }
  });
});

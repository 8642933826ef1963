import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { image, integration, useGocker } from './helpers.ts';

integration('cp', () => {
  const gocker = useGocker();
  const BUSYBOX = image('busybox:1');
  const base = mkdtempSync(join(tmpdir(), 'gocker-cp-'));
  let work = base;
  const cp = (...args: string[]) => gocker(['cp', ...args], { cwd: work });
  const cat = (container: string, path: string) => gocker(['exec', container, 'cat', path]);

  beforeAll(async () => {
    await gocker(['pull', '-q', BUSYBOX]);
    const script =
      'mkdir -p /src/sub /var; echo a > /src/a; ln -s a /src/l; ln -s /etc/hosts /abs; ln -s src /dl; ' +
      'chmod 4755 /src/a; chown 5:6 /src/a';
    await gocker(['run', '--name', 'still', BUSYBOX, 'sh', '-c', script]);
  });
  beforeEach(() => {
    work = mkdtempSync(join(base, 'work-'));
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  test('files and trees out of a container that does not run', async () => {
    expect(await cp('still:/src/a', 'new')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Successfully copied 2.05kB to new\n',
    });
    expect(readFileSync(join(work, 'new'), 'utf8')).toBe('a\n');
    // No setuid bit, and no foreign owner, comes out of a container.
    const { mode, uid } = statSync(join(work, 'new'));
    expect([mode & 0o7777, uid]).toEqual([0o755, 0]);
    await cp('-a', 'still:/src/a', 'owned');
    expect(statSync(join(work, 'owned'))).toMatchObject({ uid: 5, gid: 6 });
    await cp('-q', 'still:/src', 'tree');
    await cp('-q', 'still:/src', 'tree');
    await cp('-q', 'still:/src/.', 'flat');
    expect(readdirSync(join(work, 'tree'))).toEqual(['a', 'l', 'src', 'sub']);
    expect(readdirSync(join(work, 'flat'))).toEqual(['a', 'l', 'sub']);
    await cp('-q', 'still:/', 'all');
    expect(readlinkSync(join(work, 'all/abs'))).toBe('/etc/hosts');
    expect(existsSync(join(work, 'all/bin/busybox'))).toBe(true);
  });

  test('links are copied as links, or followed inside the container', async () => {
    await cp('-q', 'still:/abs', 'link');
    expect(readlinkSync(join(work, 'link'))).toBe('/etc/hosts');
    await cp('-q', '-L', 'still:/abs', 'file');
    expect(lstatSync(join(work, 'file')).isFile()).toBe(true);
    expect(readFileSync(join(work, 'file'), 'utf8')).toContain('ip6-localnet');
    await cp('-q', 'still:/dl', 'dirlink');
    expect(readlinkSync(join(work, 'dirlink'))).toBe('src');
    await cp('-q', 'still:/dl/', 'dir');
    expect(readdirSync(join(work, 'dir'))).toEqual(['a', 'l', 'sub']);
  });

  test('archives on standard input and output', async () => {
    const { stdout } = await gocker(['cp', 'still:/src', '-']);
    const names = execFileSync('tar', ['t'], { input: stdout, encoding: 'utf8' });
    expect(names.split('\n').filter(Boolean).sort()).toEqual(['src/', 'src/a', 'src/l', 'src/sub/']);
    mkdirSync(join(work, 'd'));
    writeFileSync(join(work, 'd/one'), 'one');
    execFileSync('ln', ['d/one', 'd/two'], { cwd: work });
    const archive = execFileSync('tar', ['c', 'd'], { cwd: work });
    for (const place of ['/var', '/']) {
      expect(await gocker(['cp', '-', `still:${place}`], { input: archive })).toMatchObject({
        code: 0,
        stderr: '',
      });
    }
    await cp('-q', 'still:/d/two', 'back');
    expect(readFileSync(join(work, 'back'), 'utf8')).toBe('one');
    expect(await gocker(['cp', '-', 'still:/src/a'], { input: archive })).toMatchObject({ code: 1 });
  });

  test('into a container that runs, and out of its mounts', async () => {
    const volume = join(work, 'volume');
    mkdirSync(volume);
    const flags = ['--tmpfs', '/mem', '-v', `${volume}:/vol`, '--name', 'live'];
    const running = gocker.start([
      'run',
      ...flags,
      BUSYBOX,
      'sh',
      '-c',
      'echo in memory > /mem/f; echo up; exec sleep 600',
    ]);
    await running.waitFor('up');
    writeFileSync(join(work, 'f'), 'hello');
    chmodSync(join(work, 'f'), 0o640);
    expect((await cp('f', 'live:/vol/g')).code).toBe(0);
    expect(readFileSync(join(volume, 'g'), 'utf8')).toBe('hello');
    await cp('-q', 'f', 'live:/tmp');
    expect((await cat('live', '/tmp/f')).stdout).toBe('hello');
    expect((await gocker(['exec', 'live', 'stat', '-c', '%a %u', '/tmp/f'])).stdout).toBe('640 0\n');
    await cp('-q', 'live:/mem/f', 'm');
    expect(readFileSync(join(work, 'm'), 'utf8')).toBe('in memory\n');
    await gocker(['rm', '-f', 'live']);
    await running.ended;
  });

  test.each([
    [['still:/nosuch', 'x'], 'no such file'],
    [['still:/src/a', 'no/'], 'no such directory'],
    [['still:/src/a', 'no/x'], 'no such directory'],
    [['still:/src/a/', 'x'], 'not a directory'],
    [['nosuch', 'still:/'], 'no such file'],
    [['still:/a', 'still:/b'], 'between containers'],
    [['a', 'b'], 'must be in a container'],
    [['still:/src/a', 'nosuch:/x'], 'between containers'],
    [['x', 'nosuch:/x'], 'No such container'],
  ])('refuses %j', async (args, why) => {
    const { code, stderr } = await cp(...args);
    expect([code, stderr]).toEqual([1, expect.stringContaining(why)]);
    expect(readdirSync(work)).toEqual([]);
  });

  /** What must never be read or written. */
  function canary() {
    const place = join(work, 'canary');
    mkdirSync(join(place, 'dir'), { recursive: true, mode: 0o700 });
    writeFileSync(join(place, 'secret'), 'secret');
    const state = () => execFileSync('find', [place, '-printf', '%p %m %u %s %T@\n'], { encoding: 'utf8' });
    return { place, state, before: state() };
  }

  test('links of a container lead nowhere on the host', async () => {
    const { place, state, before } = canary();
    const script = `ln -s ${place} /out; ln -s ../../../../../../../..${place} /up; mkdir /d; ln -s ${place}/secret /d/s`;
    await gocker(['run', '--name', 'hostile', BUSYBOX, 'sh', '-c', script]);
    writeFileSync(join(work, 'f'), 'mine');
    for (const link of ['out', 'up']) {
      expect((await cp(`hostile:/${link}/secret`, 'stolen')).stderr).toContain('no such file');
      expect((await cp('f', `hostile:/${link}/planted`)).code).toBe(1);
      expect((await cp('-L', `hostile:/${link}`, 'stolen')).code).toBe(1);
    }
    expect((await cp('-L', 'hostile:/d/s', 'stolen')).code).toBe(1);
    await cp('-q', 'hostile:/d', 'copied');
    expect(lstatSync(join(work, 'copied/s')).isSymbolicLink()).toBe(true);
    expect([existsSync(join(work, 'stolen')), state()]).toEqual([false, before]);
    await gocker(['rm', 'hostile']);
  });

  test('an archive writes through no link out of a container', async () => {
    const { place, state, before } = canary();
    const tree = join(work, 'tree');
    mkdirSync(tree);
    symlinkSync(place, join(tree, 'x'));
    const first = execFileSync('tar', ['c', '-C', tree, '.']);
    rmSync(join(tree, 'x'));
    mkdirSync(join(tree, 'x/dir'), { recursive: true });
    writeFileSync(join(tree, 'x/secret'), 'overwritten');
    const second = execFileSync('tar', ['c', '-C', tree, '.']);
    await gocker(['cp', '-', 'still:/var'], { input: first });
    await gocker(['cp', '-', 'still:/var'], { input: second });
    const dots = execFileSync('tar', [
      'c',
      '-P',
      '--transform',
      's,^,../../../../../../..,',
      join(place, 'secret'),
    ]);
    await gocker(['cp', '-', 'still:/var'], { input: dots });
    expect(state()).toBe(before);
  });

  test('a container that swaps directories for links meanwhile gets nothing', async () => {
    const { place, state, before } = canary();
    const swap = `mkdir -p /r/d; echo ok > /r/d/secret; ln -s ${place} /r/e; echo up; while :; do mv /r/d /r/t; mv /r/e /r/d; mv /r/t /r/e; done`;
    const running = gocker.start(['run', '--name', 'racer', BUSYBOX, 'sh', '-c', swap]);
    await running.waitFor('up');
    writeFileSync(join(work, 'f'), 'mine');
    for (let round = 0; round < 12; round++) {
      await cp('-q', 'racer:/r/d/secret', `got${round}`);
      await cp('-q', '-L', 'racer:/r/d', `tree${round}`);
      await cp('-q', 'f', 'racer:/r/d/planted');
    }
    const got = execFileSync('grep', ['-rl', '^secret$', work], { encoding: 'utf8' }).trim();
    expect([got, state()]).toEqual([join(place, 'secret'), before]);
    await gocker(['rm', '-f', 'racer']);
    await running.ended;
  });

  test('a read-only container is not written to', async () => {
    await gocker(['run', '--name', 'fixed', '--read-only', BUSYBOX, 'true']);
    writeFileSync(join(work, 'f'), 'x');
    expect((await cp('f', 'fixed:/tmp/f')).stderr).toContain('read-only');
    expect((await cp('fixed:/bin/busybox', 'b')).code).toBe(0);
  });
});

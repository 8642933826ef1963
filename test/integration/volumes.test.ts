import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { buildImage } from '../fixtures/image.ts';
import { startRegistry, type TestRegistry } from '../fixtures/registry.ts';
import type { Entry } from '../fixtures/tar.ts';
import { listTree } from '../fixtures/tree.ts';
import { image, integration, useGocker } from './helpers.ts';

integration('volumes', () => {
  const gocker = useGocker();
  const BUSYBOX = image('busybox:1');
  const work = mkdtempSync(join(tmpdir(), 'gocker-volumes-'));
  let registry: TestRegistry;
  let FILLED: string;

  const ok = async (...args: string[]) => {
    const { code, stdout, stderr } = await gocker(args);
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };
  const run = (...args: string[]) => ok('run', '--rm', ...args);
  const names = async () => (await ok('volume', 'ls', '-q')).split('\n').filter(Boolean);
  const data = (name: string) => join(gocker.root, 'volumes', name, '_data');

  beforeAll(async () => {
    registry = await startRegistry();
    const busybox: Entry = { name: 'bin/busybox', mode: 0o755, body: readFileSync('/bin/busybox') };
    const entries: Entry[] = [
      busybox,
      { name: 'data', type: 'directory', mode: 0o1770, uid: 7, gid: 8 },
      { name: 'data/file', body: 'from the image', mode: 0o4755, uid: 7 },
      { name: 'data/hard', type: 'link', link: 'data/file' },
      { name: 'data/link', type: 'symlink', link: '/etc/passwd' },
      { name: 'data/fifo', type: 'fifo' },
    ];
    const config = { Volumes: { '/data': {} }, Cmd: ['/bin/busybox', 'true'] };
    registry.addImage('filled', '1', buildImage({ layers: [{ entries }], run: config }));
    FILLED = `${registry.host}/filled:1`;
    await ok('pull', '-q', BUSYBOX);
    await ok('pull', '-q', FILLED);
  });
  afterEach(async () => {
    await gocker(['volume', 'prune', '-af']);
  });
  afterAll(async () => {
    rmSync(work, { recursive: true, force: true });
    await registry.close();
  });

  test('create, ls, inspect and rm, in docker’s words', async () => {
    expect(await ok('volume', 'create', '--label', 'tier=db', 'data')).toBe('data\n');
    expect(await ok('volume', 'create', 'data')).toBe('data\n');
    const anonymous = (await ok('volume', 'create')).trim();
    expect(anonymous).toMatch(/^[0-9a-f]{64}$/);
    expect(await ok('volume', 'ls', '-f', 'name=dat')).toBe('DRIVER   VOLUME NAME\nlocal    data\n');
    expect(await ok('volume', 'ls', '-q', '-f', 'label=tier=db')).toBe('data\n');
    expect(await ok('volume', 'ls', '-q', '-f', 'driver=nfs')).toBe('');
    const [line] = (await ok('volume', 'ls', '-f', 'name=data', '--format', 'json')).split('\n');
    expect(JSON.parse(line!)).toEqual({
      Availability: 'N/A',
      Driver: 'local',
      Group: 'N/A',
      Labels: 'tier=db',
      Links: 'N/A',
      Mountpoint: data('data'),
      Name: 'data',
      Scope: 'local',
      Size: 'N/A',
      Status: 'N/A',
    });
    expect(JSON.parse(await ok('volume', 'inspect', 'data'))).toEqual([
      {
        CreatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        Driver: 'local',
        Labels: { tier: 'db' },
        Mountpoint: data('data'),
        Name: 'data',
        Options: null,
        Scope: 'local',
      },
    ]);
    expect(await ok('inspect', '--format', '{{.Name}}', 'data')).toBe('data\n');
    expect(await ok('volume', 'rm', 'data', anonymous)).toBe(`data\n${anonymous}\n`);
    expect(await gocker(['volume', 'rm', 'data'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('get data: no such volume'),
    });
    expect(await ok('volume', 'rm', '-f', 'data')).toBe('data\n');
  });

  test.each([
    [['volume', 'create', 'a/b'], '"a/b" includes invalid characters for a local volume name'],
    [['volume', 'create', '-d', 'nfs', 'data'], 'plugin "nfs" not found'],
    [
      ['volume', 'create', '-o', 'type=nfs', '-o', 'device=:/x', 'data'],
      'volumes of type "nfs" are not supported',
    ],
    [['volume', 'ls', '-f', 'size=1'], 'there are dangling, driver, label and name'],
    [['volume', 'inspect', '../..'], 'get ../..: no such volume'],
    [['volume', 'export', 'nosuch'], 'get nosuch: no such volume'],
  ])('refuses %j', async (args, why) => {
    expect(await gocker(args)).toMatchObject({ code: 1, stderr: expect.stringContaining(why) });
    expect(await names()).toEqual([]);
  });

  test('outlive their containers, and are in use while one is there', async () => {
    await ok('run', '--name', 'writer', '-v', 'data:/d', BUSYBOX, 'sh', '-c', 'echo kept > /d/f');
    const id = (await ok('ps', '-aq', '--no-trunc', '--filter', 'volume=data')).trim();
    expect(await gocker(['volume', 'rm', 'data'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`remove data: volume is in use - [${id}]`),
    });
    expect((await ok('volume', 'prune', '-af')).trim()).toBe('Total reclaimed space: 0B');
    await ok('rm', '-v', 'writer');
    expect(await ok('volume', 'ls', '-q', '-f', 'dangling=true')).toBe('data\n');
    expect(await run('-v', 'data:/e:ro', BUSYBOX, 'cat', '/e/f')).toBe('kept\n');
    expect(await ok('volume', 'prune', '-f')).toBe('Total reclaimed space: 0B\n');
    expect(await ok('volume', 'prune', '-f', '-a')).toBe(
      'Deleted Volumes:\ndata\n\nTotal reclaimed space: 5B\n',
    );
  });

  test('anonymous ones go with rm -v and --rm, and stay with rm', async () => {
    await ok('run', '--name', 'one', '-v', '/a', FILLED);
    expect(await names()).toHaveLength(2);
    const [mounts, volumes] = JSON.parse(
      await ok('inspect', '--format', '[{{json .Mounts}}, {{json .Config.Volumes}}]', 'one'),
    );
    expect(mounts.map((one: Record<string, unknown>) => [one.Type, one.Destination, one.Mode])).toEqual([
      ['volume', '/a', ''],
      ['volume', '/data', ''],
    ]);
    expect(volumes).toEqual({ '/data': {}, '/a': {} });
    await ok('rm', '-v', 'one');
    expect(await names()).toEqual([]);
    await run('-v', '/a', FILLED);
    expect(await names()).toEqual([]);
    await ok('run', '--name', 'one', FILLED);
    await ok('rm', 'one');
    expect(await names()).toHaveLength(1);
    expect(await ok('volume', 'prune', '-f')).toMatch(/^Deleted Volumes:\n[0-9a-f]{64}\n/);
  });

  test('an empty one begins with what the image has there, all that it is', async () => {
    await run('-v', 'data:/data', FILLED);
    const seen = listTree(data('data'));
    expect(Object.keys(seen)).toEqual(['.', 'fifo', 'file', 'hard', 'link']);
    expect(seen['.']).toMatch(/^41770 7:8 /);
    expect(seen.file).toMatch(/^104755 7:0 /);
    expect([seen.file, seen.hard].every((line) => line!.endsWith('= hard'))).toBe(true);
    expect(seen.link).toContain('-> /etc/passwd');
    writeFileSync(join(data('data'), 'file'), 'mine');
    await run('-v', 'data:/data', FILLED);
    expect(readFileSync(join(data('data'), 'file'), 'utf8')).toBe('mine');
    await run('-v', 'empty:/data:nocopy', FILLED);
    await run('--mount', 'src=empty2,dst=/data,volume-nocopy', FILLED);
    expect([readdirSync(data('empty')), readdirSync(data('empty2'))]).toEqual([[], []]);
  });

  test('of directories of the host, and in memory', async () => {
    mkdirSync(join(work, 'device'));
    await ok('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', `device=${work}/device`, 'host');
    await run('-v', 'host:/data', FILLED);
    expect(readFileSync(join(work, 'device/file'), 'utf8')).toBe('from the image');
    await ok('volume', 'rm', 'host');
    expect(statSync(join(work, 'device/file')).uid).toBe(7);
    await ok('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', `device=${work}/gone`, 'host');
    expect(await gocker(['run', '--rm', '-v', 'host:/d', BUSYBOX, 'true'])).toMatchObject({
      code: 125,
      stderr: expect.stringContaining(`the device of volume host does not exist: ${work}/gone`),
    });
    await ok('volume', 'create', '-o', 'type=tmpfs', '-o', 'o=size=1m,mode=700', 'memory');
    expect(await run('-v', 'memory:/m', BUSYBOX, 'grep', ' /m ', '/proc/mounts')).toMatch(
      /^tmpfs \/m tmpfs .*size=1024k/,
    );
    expect(readdirSync(data('memory'))).toEqual([]);
    expect((await gocker(['volume', 'export', 'memory'])).stderr).toContain('is in memory');
    const holder = gocker.start([
      'run',
      '--rm',
      '--name',
      'holder',
      '-v',
      'memory:/m',
      BUSYBOX,
      'sh',
      '-c',
      'echo up; exec sleep 60',
    ]);
    await holder.waitFor('up');
    expect((await gocker(['run', '--rm', '-v', 'memory:/m', BUSYBOX, 'true'])).stderr).toContain(
      'two cannot share it',
    );
    await ok('rm', '-f', 'holder');
    await holder.ended;
  });

  test('export and import keep all that a tree is', async () => {
    const make =
      'cd /d; echo a > a; chmod 4711 a; chown 4000000000:5 a; ln a b; mkdir -p s; chmod 1777 s; mkfifo p; mknod n c 1 3; ' +
      'echo w > .wh.a; ln -s /x l; touch -d "2001-02-03 04:05:06" a; dd if=/dev/zero of=hole bs=1M seek=8 count=0 2>&1; ' +
      'touch "$(printf "\\\\377\\\\376")"';
    await run('-v', 'data:/d', BUSYBOX, 'sh', '-c', make);
    execFileSync('setfattr', ['-n', 'user.note', '-v', 'kept', join(data('data'), 'a')]);
    execFileSync('setcap', ['cap_net_raw+ep', join(data('data'), '.wh.a')]);
    const archive = join(work, 'data.tar');
    await ok('volume', 'export', '--output', archive, 'data');
    expect(execFileSync('tar', ['tf', archive], { encoding: 'utf8' }).split('\n')).toHaveLength(11);
    await ok('volume', 'create', 'copy');
    await ok('volume', 'import', 'copy', archive);
    const before = listTree(data('data'));
    expect(listTree(data('copy'))).toEqual(before);
    expect(statSync(join(data('copy'), 'hole')).blocks).toBeLessThan(4096);
    await ok('volume', 'create', 'piped');
    const input = execFileSync('gzip', ['-c', archive]);
    expect(await gocker(['volume', 'import', 'piped'], { input })).toMatchObject({ code: 0, stderr: '' });
    expect(listTree(data('piped'))).toEqual(before);
    expect(await gocker(['volume', 'import', 'nosuch', archive])).toMatchObject({ code: 1 });
    const cut = await gocker(['volume', 'import', 'piped'], {
      input: readFileSync(archive).subarray(0, 3000),
    });
    expect([cut.code, cut.stderr]).toEqual([1, expect.stringContaining('cannot import into volume piped')]);
  });

  test('cp sees them in a container that does not run', async () => {
    await ok('create', '--name', 'still', '-v', 'data:/d', '--read-only', BUSYBOX);
    writeFileSync(join(work, 'f'), 'copied');
    await ok('cp', '-q', join(work, 'f'), 'still:/d/f');
    expect(readFileSync(join(data('data'), 'f'), 'utf8')).toBe('copied');
    await ok('cp', '-q', 'still:/d/f', join(work, 'g'));
    expect(readFileSync(join(work, 'g'), 'utf8')).toBe('copied');
    expect((await gocker(['cp', join(work, 'f'), 'still:/tmp/f'])).stderr).toContain('read-only');
    await ok('rm', 'still');
  });
});

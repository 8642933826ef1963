import { beforeAll, expect, test } from 'vitest';
import { image, integration, useGocker } from '../helpers.ts';

integration('containers on one network', () => {
  const gocker = useGocker();
  const BUSYBOX = image('busybox:1');
  beforeAll(async () => {
    await gocker(['pull', '-q', BUSYBOX]);
    await gocker(['network', 'create', '--subnet', '10.213.1.0/24', 'web']);
  });
  const start = async (name: string, ...options: string[]) => {
    const { code, stderr } = await gocker(['run', '-d', '--name', name, ...options, BUSYBOX, 'sleep', '600']);
    expect([code, stderr]).toEqual([0, '']);
  };
  const inside = async (name: string, ...command: string[]) => await gocker(['exec', name, ...command]);
  const reaches = async (from: string, to: string) =>
    (await inside(from, 'ping', '-c1', '-W2', to)).code === 0;
  const hosts = async (name: string) => (await inside(name, 'cat', '/etc/hosts')).stdout;
  const remove = (...names: string[]) => gocker(['rm', '-f', ...names]);

  test('find each other by name, short ID and alias, also one that comes later', async () => {
    await start('first', '--network', 'web', '--network-alias', 'www');
    await start('second', '--network', 'web', '--hostname', 'box');
    const { stdout: id } = await gocker(['inspect', '-f', '{{.Id}}', 'first']);
    expect(await reaches('second', 'first')).toBe(true);
    expect(await reaches('second', 'www')).toBe(true);
    expect(await reaches('second', id.slice(0, 12))).toBe(true);
    expect(await reaches('first', 'second')).toBe(true);
    expect(await reaches('first', 'box')).toBe(true);
    expect(await reaches('second', 'second')).toBe(true);
    await remove('second');
    expect(await hosts('first')).not.toContain('second');
    await remove('first');
  });

  test('keep what their users write into /etc/hosts, and its inode', async () => {
    await start('writer', '--network', 'web', '--add-host', 'db:192.0.2.9', '--add-host', 'up:host-gateway');
    const before = (await inside('writer', 'stat', '-c', '%i', '/etc/hosts')).stdout;
    await inside('writer', 'sh', '-c', 'echo 192.0.2.1 mine >> /etc/hosts');
    await start('other', '--network', 'web');
    expect(await hosts('writer')).toMatch(
      /192\.0\.2\.9\tdb\n10\.213\.1\.1\tup\n[\s\S]*\tother [\s\S]*192\.0\.2\.1 mine\n/,
    );
    expect((await inside('writer', 'stat', '-c', '%i', '/etc/hosts')).stdout).toBe(before);
    await remove('writer', 'other');
  });

  test('follow a rename, a stop and a restart', async () => {
    await start('stays', '--network', 'web');
    await start('old', '--network', 'web');
    await gocker(['rename', 'old', 'new']);
    expect(await reaches('stays', 'new')).toBe(true);
    expect(await hosts('stays')).not.toContain('old');
    await gocker(['stop', '-t', '0', 'new']);
    expect(await hosts('stays')).not.toContain('new');
    await gocker(['start', 'new']);
    expect(await reaches('stays', 'new')).toBe(true);
    await remove('stays', 'new');
  });

  test('know nothing of those on the default network, who know nobody but themselves', async () => {
    await start('apart1');
    await start('apart2');
    await start('named', '--network', 'web');
    expect(await reaches('apart1', 'apart1')).toBe(true);
    for (const name of ['apart2', 'named']) {
      const { code, stderr } = await inside('apart1', 'ping', '-c1', '-W1', name);
      expect([code, stderr]).toEqual([1, expect.stringContaining('bad address')]);
    }
    await remove('apart1', 'apart2', 'named');
  });

  test('cannot be given names that forge lines, nor take those of loopback', async () => {
    for (const alias of ['a\n6.6.6.6 bank', 'a b', '6.6.6.6', '']) {
      const refused = await gocker([
        'run',
        '--rm',
        '--network',
        'web',
        `--network-alias=${alias}`,
        BUSYBOX,
        'true',
      ]);
      expect([refused.code, refused.stderr]).toEqual([125, expect.stringContaining('invalid network alias')]);
    }
    for (const flags of [
      ['--hostname', 'a\n6.6.6.6 bank'],
      ['--name', 'a\nb'],
      ['--add-host', 'a\nb:1.1.1.1'],
    ]) {
      expect((await gocker(['run', '--rm', '--network', 'web', ...flags, BUSYBOX, 'true'])).code).toBe(125);
    }
    await start('victim', '--network', 'web');
    await start('evil', '--network', 'web', '--network-alias', 'localhost', '--hostname', 'ip6-loopback');
    await inside(
      'evil',
      'sh',
      '-c',
      'echo 6.6.6.6 victim bank >> /etc/hosts; echo "# gocker: end of web" >> /etc/hosts',
    );
    await start('later', '--network', 'web');
    const seen = await hosts('victim');
    expect(seen.match(/^.*(localhost|ip6-loopback)/gm)).toHaveLength(2);
    expect(seen).not.toContain('6.6.6.6');
    expect(seen).toMatch(/^10\.213\.1\.\d+\tevil [0-9a-f]{12}$/m);
    await remove('victim', 'evil', 'later');
  });

  test('a container that has spoilt its hosts file is nobody else’s trouble', async () => {
    await start('spoilt', '--network', 'web');
    await inside('spoilt', 'sh', '-c', 'dd if=/dev/zero of=/etc/hosts bs=1M seek=9 count=1');
    await start('fine', '--network', 'web');
    expect(await reaches('fine', 'spoilt')).toBe(true);
    expect((await inside('spoilt', 'stat', '-c', '%s', '/etc/hosts')).stdout).toBe(`${10 * 1024 ** 2}\n`);
    await remove('spoilt', 'fine');
  });

  test('one that shares the network of another has its files too', async () => {
    await start('owner', '--network', 'web', '--hostname', 'thename');
    const shared = ['run', '--rm', '--network', 'container:owner', BUSYBOX, 'sh', '-c'];
    const { stdout } = await gocker([
      ...shared,
      'cat /etc/hosts; hostname; echo $HOSTNAME; readlink /proc/self/ns/net',
    ]);
    const netns = (await inside('owner', 'readlink', '/proc/self/ns/net')).stdout;
    expect(stdout).toBe(`${await hosts('owner')}thename\nthename\n${netns}`);
    for (const [flag, why] of [
      ['-p=80:80', 'port publishing and the container type network mode'],
      ['--hostname=x', 'hostname and the network mode'],
      ['--dns=1.1.1.1', 'dns and the network mode'],
      ['--add-host=a:1.1.1.1', 'custom host-to-IP mapping and the network mode'],
    ]) {
      const refused = await gocker(['run', '--rm', '--network', 'container:owner', flag!, BUSYBOX, 'true']);
      expect([refused.code, refused.stderr]).toEqual([
        125,
        expect.stringContaining(`conflicting options: ${why}`),
      ]);
    }
    await gocker(['stop', '-t', '0', 'owner']);
    const dead = await gocker([...shared, 'true']);
    expect([dead.code, dead.stderr]).toEqual([
      125,
      expect.stringContaining('cannot join network of a non running'),
    ]);
    await remove('owner');
  });
});

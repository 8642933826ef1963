import { beforeAll, expect, test } from 'vitest';
import { image, integration, useGocker } from '../helpers.ts';

integration('network commands', () => {
  const gocker = useGocker();
  const BUSYBOX = image('busybox:1');
  beforeAll(() => gocker(['pull', '-q', BUSYBOX]));
  const network = (...args: string[]) => gocker(['network', ...args]);
  const said = async (...args: string[]) => {
    const { code, stderr } = await network(...args);
    return [code, stderr.split('\n')[0]];
  };
  const start = (name: string, ...options: string[]) =>
    gocker(['run', '-d', '--name', name, ...options, BUSYBOX, 'sleep', '600']);
  const inside = async (name: string, line: string) =>
    (await gocker(['exec', name, 'sh', '-c', line])).stdout;

  test('make, list, show and remove', async () => {
    const made = await network(
      'create',
      '--subnet',
      '10.213.2.0/24',
      '--gateway',
      '10.213.2.9',
      '--label',
      'a=1',
      'one',
    );
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]{64}\n$/) });
    const id = made.stdout.trim();
    expect((await network('ls')).stdout).toMatch(
      /^NETWORK ID +NAME +DRIVER +SCOPE\n[0-9a-f]{12} +bridge +bridge +local\n/,
    );
    expect((await network('ls', '-q', '--no-trunc', '--filter', 'label=a')).stdout).toBe(`${id}\n`);
    expect(
      (await network('ls', '--filter', 'type=builtin', '--format', '{{.Name}} {{.Driver}}')).stdout,
    ).toBe('bridge bridge\nhost host\nnone null\n');
    const [shown] = JSON.parse((await network('inspect', id.slice(0, 8))).stdout);
    expect(shown).toMatchObject({
      Name: 'one',
      Id: id,
      Driver: 'bridge',
      IPAM: { Config: [{ Subnet: '10.213.2.0/24', Gateway: '10.213.2.9' }] },
      Labels: { a: '1' },
      Containers: {},
    });
    expect(await network('rm', id.slice(0, 8))).toMatchObject({ code: 0, stdout: `${id.slice(0, 8)}\n` });
    expect(await said('inspect', 'one')).toEqual([1, 'gocker: network "one" not found']);
    expect(await network('rm', '-f', 'one')).toMatchObject({ code: 0, stdout: '' });
  });

  test('say what cannot be, in docker’s words', async () => {
    await network('create', '--subnet', '10.213.3.0/24', 'two');
    expect(await said('create', 'two')).toEqual([1, 'gocker: network with name two already exists']);
    expect(await said('create', 'bridge')).toEqual([
      1,
      'gocker: operation is not permitted on predefined bridge network',
    ]);
    expect(await said('rm', 'host')).toEqual([
      1,
      'gocker: host is a pre-defined network and cannot be removed',
    ]);
    expect(await said('create', '-d', 'host', 'x')).toEqual([
      1,
      'gocker: only one instance of "host" network is allowed',
    ]);
    expect(await said('create', '../x')).toEqual([1, 'gocker: invalid network name "../x"']);
    expect((await said('create', '--subnet', '10.213.3.0/25', 'x'))[0]).toBe(1);
    expect(await said('connect', 'two', 'nobody')).toEqual([1, 'gocker: No such container: nobody']);
    await network('rm', 'two');
  });

  test('connect and disconnect a running container', async () => {
    await network('create', '--subnet', '10.213.4.0/24', 'front');
    await network('create', '--subnet', '10.213.5.0/24', 'back');
    await start('box', '--network', 'front', '--ip', '10.213.4.77');
    await start('peer', '--network', 'back');
    expect(await network('connect', '--ip', '10.213.5.88', '--alias', 'db', 'back', 'box')).toMatchObject({
      code: 0,
    });
    expect(await inside('box', 'ip -o -4 addr show | grep -o "eth[0-9].*inet [0-9.]*"')).toBe(
      'eth0    inet 10.213.4.77\neth1    inet 10.213.5.88\n',
    );
    expect(await inside('peer', 'ping -c1 -W2 db >/dev/null && echo yes')).toBe('yes\n');
    const networks = JSON.parse(
      (await gocker(['inspect', '-f', '{{json .NetworkSettings.Networks}}', 'box'])).stdout,
    );
    expect(networks).toMatchObject({
      front: {
        IPAddress: '10.213.4.77',
        IPPrefixLen: 24,
        Gateway: '10.213.4.1',
        IPAMConfig: { IPv4Address: '10.213.4.77' },
      },
      back: { IPAddress: '10.213.5.88', Aliases: ['db'] },
    });
    expect(await said('connect', 'back', 'box')).toEqual([
      1,
      'gocker: endpoint with name box already exists in network back',
    ]);
    expect((await said('rm', 'front'))[1]).toMatch(
      /^gocker: error while removing network: network front id \w+ has active/,
    );
    expect(await network('disconnect', 'front', 'box')).toMatchObject({ code: 0 });
    expect(await inside('box', 'ip route')).toMatch(/^default via 10\.213\.5\.1 dev eth1/);
    expect(await inside('box', 'cat /etc/hosts')).not.toContain('10.213.4');
    expect(await network('rm', 'front')).toMatchObject({ code: 0 });
    expect((await said('disconnect', 'back', 'nobody'))[0]).toBe(1);
    // What was changed is so at the next start too.
    await gocker(['restart', '-t', '0', 'box']);
    expect(await inside('box', 'ip -o -4 addr show | grep -o "eth[0-9].*inet [0-9.]*"')).toBe(
      'eth0    inet 10.213.5.88\n',
    );
    await gocker(['rm', '-f', 'box', 'peer']);
    await network('rm', 'back');
  });

  test('several networks from the start, the first of which leads out', async () => {
    await network('create', '--subnet', '10.213.6.0/24', '--internal', 'inner');
    await network('create', '--subnet', '10.213.7.0/24', 'outer');
    const flags = [
      '--network',
      'inner',
      '--network',
      'name=outer,ip=10.213.7.5,alias=x,mac-address=02:42:0a:00:00:05',
    ];
    const { stdout } = await gocker([
      'run',
      '--rm',
      ...flags,
      BUSYBOX,
      'sh',
      '-c',
      'ip route; cat /sys/class/net/eth1/address',
    ]);
    expect(stdout).toMatch(/^default via 10\.213\.7\.1 dev eth1/);
    expect(stdout).toContain('10.213.6.0/24 dev eth0');
    expect(stdout).toContain('02:42:0a:00:00:05\n');
    const refused = await gocker(['run', '--rm', '--ip', '10.1.1.1', BUSYBOX, 'true']);
    expect([refused.code, refused.stderr]).toEqual([
      125,
      expect.stringContaining('supported on user defined networks only'),
    ]);
    await network('rm', 'inner', 'outer');
  });

  test('ports are shown where docker shows them', async () => {
    await start('web', '-p', '127.0.0.1:18080:80', '-p', '18090-18099:81/udp', '--expose', '443');
    await start('web2', '-p', '18090-18099:81/udp');
    expect((await gocker(['ps', '--format', '{{.Names}}: {{.Ports}}'])).stdout).toBe(
      'web2: 0.0.0.0:18091->81/udp\nweb: 443/tcp, 127.0.0.1:18080->80/tcp, 0.0.0.0:18090->81/udp\n',
    );
    expect((await gocker(['port', 'web'])).stdout).toBe(
      '80/tcp -> 127.0.0.1:18080\n81/udp -> 0.0.0.0:18090\n',
    );
    expect((await gocker(['port', 'web', '80'])).stdout).toBe('127.0.0.1:18080\n');
    expect((await gocker(['ps', '-q', '--filter', 'publish=80'])).stdout).toHaveLength(13);
    const taken = await start('web3', '-p', '127.0.0.1:18080:80');
    expect([taken.code, taken.stderr]).toEqual([
      125,
      expect.stringContaining('already allocated by container web'),
    ]);
    await gocker(['rm', '-f', 'web', 'web2', 'web3']);
  });

  test('prune takes what nobody is to be on, and what the default network has on the host', async () => {
    await network('create', '--subnet', '10.213.8.0/24', 'unused');
    await network('create', '--subnet', '10.213.9.0/24', 'wanted');
    await gocker(['create', '--name', 'idle', '--network', 'wanted', BUSYBOX, 'true']);
    expect((await network('prune', '-f')).stdout).toBe('Deleted Networks:\nunused\n\n');
    expect((await network('ls', '--format', '{{.Name}}')).stdout).toBe('bridge\nhost\nnone\nwanted\n');
    const wouldGo = await gocker(['system', 'prune', '--dry-run']);
    expect(wouldGo.stdout).toContain('Would delete Networks:\nwanted\n');
    await gocker(['rm', 'idle']);
    expect((await network('prune', '-f')).stdout).toBe('Deleted Networks:\nwanted\n\n');
    await network('create', '--subnet', '10.213.8.0/24', 'unused');
    expect((await gocker(['system', 'prune', '-f'])).stdout).toContain('Deleted Networks:\nunused\n');
  });
});

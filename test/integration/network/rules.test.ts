/** What others have set up on the host: untouched, told of where it is in the way, and as it was when gocker has gone. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { idOf, makeTopology, type Topology } from '../../fixtures/network/topology.ts';
import { integration } from '../helpers.ts';

const FOREIGN = `
table inet mine {
  set bridges { type ifname; elements = { "gocker0" } }
  map published { type inet_proto . inet_service : ipv4_addr . inet_service; elements = { tcp . 8080 : 1.2.3.4 . 80 } }
  chain input { type filter hook input priority filter; policy accept; tcp dport 9999 counter drop; };
}
table ip gocker { chain nat { type nat hook prerouting priority dstnat; tcp dport 7 dnat to 1.2.3.4; }; }
`;
const PORT = { hostIp: '0.0.0.0', hostPort: 8080, containerPort: 80, protocol: 'tcp' } as const;

integration('rules of others', () => {
  let topology: Topology;
  beforeEach(async () => {
    topology = await makeTopology();
  });
  afterEach(() => topology.remove());

  const nft = (text: string) => topology.run('host', 'nft', text);
  const look = () => ({
    rules: topology.rules(),
    links: topology
      .run('host', 'ip', '-br', 'link')
      .split('\n')
      .map((line) => line.split(' ')[0]),
    routes: topology.run('host', 'ip', 'route'),
    longRoutes: topology.run('host', 'ip', '-6', 'route'),
  });

  it('stay, and all is as before when the last network is removed', async () => {
    nft(FOREIGN);
    const before = look();
    const network = await topology.network('first', { ipv6: true });
    const second = await topology.network('second');
    const web = await topology.container(network, 'web', { ports: [PORT] });
    const other = await topology.container(second, 'other');
    const tables = [
      ['inet', 'mine'],
      ['ip', 'gocker'],
    ] as const;
    for (const table of tables)
      expect(before.rules).toContain(topology.run('host', 'nft', 'list', 'table', ...table));
    expect(topology.rules()).toContain('table inet gocker {');
    expect(topology.rules()).toMatch(/tcp \. 8080 : 172|tcp \. 8080 comment/);
    await topology.driver.call('detach', network, web.id);
    expect(topology.rules()).not.toMatch(/tcp \. 8080 : 172/);
    await topology.driver.call('remove', network);
    expect(topology.rules()).toContain('table inet gocker {');
    await topology.driver.call('detach', second, other.id);
    await topology.driver.call('remove', second);
    await topology.driver.call('remove', second);
    expect(look()).toEqual(before);
  });

  it('detach, prune and remove mind no table that is gone', async () => {
    const network = await topology.network('first');
    const web = await topology.container(network, 'web', { ports: [PORT] });
    await topology.container(network, 'other', { ports: [{ ...PORT, hostPort: 8081 }] });
    topology.run('host', 'nft', 'flush', 'ruleset');
    await topology.driver.call('detach', network, web.id);
    await topology.driver.call('detach', network, web.id);
    await topology.driver.call('prune', network, []);
    await topology.driver.call('remove', network);
    expect(topology.rules()).toBe('');
  });

  describe('that drop what is forwarded', () => {
    it.each([
      [
        'docker',
        'table ip filter { chain DOCKER-USER { }; chain FORWARD { type filter hook forward priority 0; policy drop; jump DOCKER-USER; }; }',
        'iptables -I DOCKER-USER -i',
      ],
      [
        'iptables',
        'table ip filter { chain FORWARD { type filter hook forward priority 0; policy drop; }; }',
        'iptables -I FORWARD -i',
      ],
      [
        'nft',
        'table inet fw { chain between { type filter hook forward priority 0; policy drop; }; }',
        'nft insert rule inet fw between iifname',
      ],
    ])('are told of, with the remedy, which helps: %s', async (_, text, remedy) => {
      nft(text);
      const network = await topology.network('first');
      const web = await topology.container(network, 'web', { ports: [PORT] });
      const [line = ''] = await topology.driver
        .call<string[]>('said')
        .then((said) => said.filter((one) => one.includes('dropped')));
      expect(line).toContain(`${remedy} ${web.attachment.state.bridge}`);
      const ask = () => topology.outside.call('tcp', { host: '192.0.2.1', port: 8080 });
      expect(await ask()).toBe('timeout');
      topology.run(
        'host',
        'sh',
        '-c',
        line.slice(line.indexOf('with: ') + 'with: '.length).replace(/[^;]*\bchain[^;]*:/, ''),
      );
      expect(await ask()).toMatch(/^web /);
    });

    it('are not told of where there are none', async () => {
      const network = await topology.network('first');
      await topology.container(network, 'web');
      expect(await topology.driver.call<string[]>('said')).not.toContainEqual(
        expect.stringContaining('dropped'),
      );
    });
  });

  it('no name and no address gets into what nft reads', async () => {
    const bad = 'x"; flush ruleset; #';
    nft(FOREIGN);
    const before = topology.rules();
    for (const name of [bad, '../all', 'gocker0 }', 'a'.repeat(16)])
      await expect(
        topology.network('first', { options: { 'com.docker.network.bridge.name': name } }),
      ).rejects.toMatchObject({ code: 'INVALID_INTERFACE' });
    const network = await topology.network('first', { name: bad });
    const wrong = [
      { hostIp: '0.0.0.0; drop' },
      { hostIp: '::%up0' },
      { protocol: 'tcp; drop' },
      { hostPort: 65536 },
      { hostPort: 1.5 },
      { containerPort: 0 },
      { hostPort: '80 }' },
    ];
    for (const [at, part] of wrong.entries())
      await expect(
        topology.container(network, `c${at}`, { ports: [{ ...PORT, ...part } as never] }),
      ).rejects.toMatchObject({ code: 'INVALID_PORT' });
    await topology.container(network, 'good', { aliases: [bad], ports: [PORT], containerId: idOf('good') });
    expect(topology.rules()).not.toContain('flush');
    expect(topology.rules()).toContain(before.trim());
  });
});

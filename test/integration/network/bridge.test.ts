import { describe, expect, it } from 'vitest';
import { findState } from '../../../drivers/network/addresses/state.ts';
import createBridge from '../../../drivers/network/bridge.ts';
import { type Observation, observe } from '../../../native/index.ts';
import type { LinkName } from '../../../native/netlink/index.ts';
import type { Netlink } from '../../../src/driver/index.ts';
import { integration } from '../helpers.ts';
import {
  endpoint,
  eventually,
  expectSame,
  hostState,
  id,
  network,
  newNamespace,
  run,
  useHostNamespace,
} from './ground.ts';

const links = () => run('ip', '-o', 'link').split('\n').filter(Boolean).length;
const ping = (address: string) => ['busybox', 'ping', '-c', '1', '-W', '2', address];

function blindToVeths(netlink: Netlink): Netlink {
  const link = (name: LinkName) => {
    if (String(name).startsWith('veth')) throw new Error(`cannot see ${name}`);
    return netlink.link(name);
  };
  return { ...netlink, link };
}

integration('the bridge driver', () => {
  const ground = useHostNamespace(createBridge);
  const held = () => Object.keys(findState(ground.host, id('ab'))?.leases ?? {});

  it('connects containers with the host and with each other, and takes all of it away again', async () => {
    const before = hostState();
    const { driver } = ground;
    const made = await driver.create(network());
    expect(made.subnets).toEqual([{ subnet: '172.29.0.0/16', gateway: '172.29.0.1' }]);
    expectSame(before);
    const [one, two] = [newNamespace(), newNamespace()];
    const attached = await driver.attach(made, endpoint(id(1), one));
    expect(attached).toMatchObject({
      containerId: id(1),
      interfaces: [{ name: 'eth0', mac: expect.stringMatching(/^02:42:/) }],
      addresses: ['172.29.0.2/16'],
      routes: [{ to: 'default', via: '172.29.0.1' }],
      state: { bridge: 'gocker0' },
    });
    expect((await driver.attach(made, endpoint(id(2), two))).addresses).toEqual(['172.29.0.3/16']);
    one.run(...ping('172.29.0.1'));
    one.run(...ping('172.29.0.3'));
    run(...(ping('172.29.0.2') as [string]));
    expect(one.run('ip', 'route')).toContain('default via 172.29.0.1 dev eth0');
    expect(one.run('ip', 'link', 'show', 'eth0')).toContain(attached.interfaces[0]?.mac);
    await driver.detach(made, attached);
    await driver.detach(made, { containerId: id(2) });
    expect([one.run('ip', 'link', 'show'), held()]).toEqual([expect.not.stringContaining('eth0'), []]);
    await driver.remove(made);
    await driver.remove(made);
    expectSame(before);
  });

  it('succeeds to detach when the namespace is gone, and twice', async () => {
    const { driver } = ground;
    const made = await driver.create(network());
    const before = links();
    const one = newNamespace();
    const attached = await driver.attach(made, endpoint(id(1), one));
    one.close();
    await driver.detach(made, attached);
    await driver.detach(made, attached);
    expect(held()).toEqual([]);
    await eventually(() => links() === before + 1);
    await driver.remove(made);
  });

  it('makes its bridge again when somebody has deleted it, and mends one that lost its address', async () => {
    const { driver } = ground;
    const made = await driver.create(network());
    await driver.attach(made, endpoint(id(1), newNamespace()));
    run('ip', 'link', 'delete', 'gocker0');
    const two = newNamespace();
    await driver.attach(made, endpoint(id(2), two));
    two.run(...ping('172.29.0.1'));
    run('ip', 'address', 'flush', 'dev', 'gocker0');
    run('ip', 'link', 'set', 'gocker0', 'down');
    const three = newNamespace();
    await driver.attach(made, endpoint(id(3), three));
    three.run(...ping('172.29.0.1'));
    await driver.remove(made);
  });

  it('leaves to a living process what that has attached, known to the caller or not', async () => {
    const { driver } = ground;
    const made = await driver.create(network());
    const spaces = [1, 2, 3].map(() => newNamespace());
    for (const [at, space] of spaces.entries()) await driver.attach(made, endpoint(id(at + 1), space));
    await driver.prune(made, [id(2)]);
    expect(held()).toEqual([id(1), id(2), id(3)]);
    spaces[2]!.run(...ping('172.29.0.1'));
    await driver.remove(made);
  });

  it('gives no default route to an internal network, nor where another one leads out', async () => {
    const { driver } = ground;
    const inner = await driver.create(network({ internal: true, name: 'inner' }));
    const one = newNamespace();
    expect((await driver.attach(inner, endpoint(id(1), one))).routes).toEqual([]);
    const other = await driver.create(network({ id: id('cd'), name: 'other' }));
    const second = { ifname: 'eth1', isGateway: false };
    expect((await driver.attach(other, endpoint(id(1), one, second))).routes).toEqual([]);
    expect(one.run('ip', 'route')).not.toContain('default');
    expect(one.run('ip', 'route')).toMatch(/dev eth0[\s\S]*dev eth1/);
    for (const made of [inner, other]) await driver.remove(made);
  });

  it('keeps containers apart where that is asked for', async () => {
    const { driver } = ground;
    const icc = (value: string) =>
      network({ name: 'apart', options: { 'com.docker.network.bridge.enable_icc': value } });
    await expect(driver.create(icc('no'))).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    const made = await driver.create(icc('false'));
    const [one, two] = [newNamespace(), newNamespace()];
    await driver.attach(made, endpoint(id(1), one));
    const { addresses } = await driver.attach(made, endpoint(id(2), two));
    const other = addresses[0]!.split('/')[0]!;
    one.run(...ping(made.subnets[0]!.gateway!));
    expect(() => one.run(...ping(other))).toThrow();
    run(...(ping(other) as [string]));
    await driver.remove(made);
  });

  it('leaves nothing of an attach that fails', async () => {
    const { driver } = ground;
    const made = await driver.create(network());
    const one = newNamespace();
    one.run('ip', 'link', 'add', 'eth0', 'type', 'bridge');
    const before = links();
    await expect(driver.attach(made, endpoint(id(1), one))).rejects.toThrow(
      /RTM_NEWLINK veth\w+: file already exists/,
    );
    const gone = { path: '/proc/1/fd/99999', run: one.run, close: one.close };
    await expect(driver.attach(made, endpoint(id(1), gone))).rejects.toThrow(/has no network namespace/);
    expect([held(), links()]).toEqual([[], before + 1]);
    await driver.attach(made, endpoint(id(1), newNamespace()));
    await driver.remove(made);
  });

  it('tells the cause of an attach that fails, whatever taking it back ends in', async () => {
    const { driver, host, said } = ground;
    const made = await driver.create(network());
    const one = newNamespace();
    one.run('ip', 'link', 'add', 'eth0', 'type', 'bridge');
    const failing = createBridge({ ...host, netlink: () => blindToVeths(host.netlink()) }, {});
    const fails = failing.attach(made, endpoint(id(1), one));
    await expect(fails).rejects.toThrow(/RTM_NEWLINK veth\w+: file already exists/);
    expect(said.at(-1)).toMatch(/^not all was taken back: cannot see veth/);
    await driver.detach(made, { containerId: id(1) });
    expect(held()).toEqual([]);
    await driver.remove(made);
  });

  it('takes an address that was asked for, and MACs', async () => {
    const { driver } = ground;
    const made = await driver.create(
      network({ subnets: [{ subnet: '10.77.0.0/24', gateway: '10.77.0.9' }] }),
    );
    const one = newNamespace();
    const some = { addresses: ['10.77.0.200'], mac: '02:00:00:00:00:AA' };
    expect((await driver.attach(made, endpoint(id(1), one, some))).addresses).toEqual(['10.77.0.200/24']);
    one.run(...ping('10.77.0.9'));
    expect(one.run('ip', 'link')).toContain('02:00:00:00:00:aa');
    const same = driver.attach(made, endpoint(id(2), newNamespace(), { addresses: ['10.77.0.200'] }));
    await expect(same).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' });
    const outside = driver.attach(made, endpoint(id(2), newNamespace(), { addresses: ['10.78.0.2'] }));
    await expect(outside).rejects.toMatchObject({ code: 'INVALID_ADDRESS' });
    expect(held()).toEqual([id(1)]);
    await driver.remove(made);
  });

  it('tells every request to whoever watches, in words', async () => {
    const { driver } = ground;
    const made = await driver.create(network());
    const seen: Observation[] = [];
    observe((one) => seen.push(one));
    await driver.attach(made, endpoint(id(1), newNamespace()));
    observe(undefined);
    expect(
      seen.find(({ args }) => args[1]?.includes('RTM_NEWADDR') && args[1].includes('172.29.0.2'))?.reason,
    ).toMatch(/^in network namespace \/proc/);
    const told = seen.filter(({ name }) => name === 'sendto').map(({ args }) => args[1]);
    expect(told.join('\n')).toMatch(/RTM_NEWLINK CREATE\|EXCL {"name":"gocker0",.*"kind":"bridge"}/);
    expect(told.join('\n')).toMatch(/RTM_NEWLINK CREATE\|EXCL {"name":"veth.*"peer":{"name":"eth0",/);
    expect(told.join('\n')).toMatch(/RTM_NEWADDR CREATE\|EXCL {"link":\d+,"address":"172.29.0.2\/16"}/);
    await driver.remove(made);
  });

  describe('names', () => {
    it.each(['../../etc', '-rf', 'a b', 'eth%d', 'a/b', 'x'.repeat(16), '$(reboot)', 'a\nb'])(
      'refuses the interface %j',
      async (ifname) => {
        const { driver } = ground;
        const made = await driver.create(network());
        const before = hostState();
        const attach = driver.attach(made, endpoint(id(1), newNamespace(), { ifname }));
        await expect(attach).rejects.toMatchObject({ code: 'INVALID_INTERFACE' });
        const options = { 'com.docker.network.bridge.name': ifname };
        const create = driver.create(network({ id: id('cd'), name: 'other', options }));
        await expect(create).rejects.toMatchObject({ code: 'INVALID_INTERFACE' });
        expect(held()).toEqual([]);
        expectSame(before);
        await driver.remove(made);
      },
    );

    it('takes odd ones that the kernel takes', async () => {
      const { driver } = ground;
      const options = { 'com.docker.network.bridge.name': 'br_1.x-y' };
      const made = await driver.create(network({ options }));
      const one = newNamespace();
      await driver.attach(made, endpoint(id(1), one, { ifname: 'a.b_c-d' }));
      expect(one.run('ip', 'link')).toContain('a.b_c-d@');
      expect(run('ip', 'link')).toContain('br_1.x-y:');
      await driver.remove(made);
    });

    it('leaves alone a bridge that somebody else has made', async () => {
      const { driver } = ground;
      run('ip', 'link', 'add', 'gocker0', 'type', 'bridge');
      const made = await driver.create(network());
      expect(made.options).toEqual({ 'com.docker.network.bridge.name': `gk-${id('ab').slice(0, 12)}` });
      const options = { 'com.docker.network.bridge.name': 'gocker0' };
      const create = driver.create(network({ id: id('cd'), options }));
      await expect(create).rejects.toMatchObject({ code: 'BRIDGE_IN_USE' });
      await driver.remove({ ...made, options });
      expect(run('ip', 'link')).toContain('gocker0:');
      run('ip', 'link', 'delete', 'gocker0');
    });
  });
});

import { constants } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { ownName } from '../../../drivers/network/interface.ts';
import createIpvlan from '../../../drivers/network/ipvlan.ts';
import createMacvlan from '../../../drivers/network/macvlan.ts';
import { SyscallError } from '../../../native/index.ts';
import type { DriverHost, Netlink, NewLink } from '../../../src/driver/index.ts';
import { hasCode } from '../../../src/errors.ts';
import { integration } from '../helpers.ts';
import { endpoint, expectSame, hostState, id, newNamespace, run, useHostNamespace } from './ground.ts';
import { lan, localNetwork, ping, subnets } from './lan.ts';

/** A kernel before 6.15: the name of a link that goes to another namespace must be free in the namespace of the request too. */
function olderKernel(host: DriverHost): DriverHost {
  const netlink = (netns?: string): Netlink => {
    const own = host.netlink(netns);
    const createLink = (link: NewLink) => {
      if (own.link(link.name)) throw new SyscallError('RTM_NEWLINK', constants.errno.EEXIST, link.name);
      own.createLink(link);
    };
    return { ...own, createLink };
  };
  return { ...host, netlink };
}

/** Why the driver cannot be tried here; undefined when it can. */
async function missing(ground: { driver: { probe(): Promise<void> } }): Promise<string | undefined> {
  try {
    return void (await ground.driver.probe());
  } catch (error) {
    if (!hasCode(error, 'DRIVER_UNAVAILABLE')) throw error;
    return (error as Error).message;
  }
}

integration('drivers on an interface of the host', () => {
  describe('macvlan', () => {
    const ground = useHostNamespace(createMacvlan);

    it('puts containers on the network of the interface, each with a MAC of its own', async () => {
      await ground.driver.probe();
      const router = await localNetwork();
      const { driver } = ground;
      const before = hostState();
      const made = await driver.create(lan());
      const [one, two] = [newNamespace(), newNamespace()];
      const attached = await driver.attach(made, endpoint(id(1), one));
      expect(attached).toMatchObject({
        addresses: ['192.168.50.128/24'],
        routes: [{ to: 'default', via: '192.168.50.1' }],
        interfaces: [{ name: 'eth0', mac: expect.stringMatching(/^02:42:/) }],
      });
      await driver.attach(made, endpoint(id(2), two, { mac: '02:00:00:00:00:02' }));
      one.run(...ping('192.168.50.1'));
      one.run(...ping('8.8.8.8'));
      one.run(...ping('192.168.50.129'));
      router.run(...ping('192.168.50.128'));
      expect(one.run('ip', '-d', 'link', 'show', 'eth0')).toMatch(/mtu 1400.*\n.*[\s\S]*macvlan mode bridge/);
      expect(two.run('ip', 'link', 'show', 'eth0')).toContain('02:00:00:00:00:02');
      await driver.detach(made, attached);
      await driver.detach(made, attached);
      expect(one.run('ip', 'link')).not.toContain('eth0');
      await driver.detach(made, { containerId: id(2) });
      await driver.remove(made);
      expectSame(before);
    });

    it('gives nobody an address that the host has', async () => {
      await localNetwork();
      const { driver } = ground;
      const made = await driver.create(lan({ subnets: [{ subnet: '192.168.50.0/24' }] }));
      const { addresses } = await driver.attach(made, endpoint(id(1), newNamespace()));
      expect(addresses).toEqual(['192.168.50.3/24']);
      const asked = driver.attach(made, endpoint(id(2), newNamespace(), { addresses: ['192.168.50.2'] }));
      await expect(asked).rejects.toThrow('is in use by the host');
    });

    it('takes no route and no MTU but those that were asked for', async () => {
      await localNetwork();
      const { driver } = ground;
      const made = await driver.create(
        lan({ internal: true, options: { parent: 'lan0', macvlan_mode: 'private', mtu: '1300' } }),
      );
      const one = newNamespace();
      expect((await driver.attach(made, endpoint(id(1), one))).routes).toEqual([]);
      expect(one.run('ip', 'route')).not.toContain('default');
      expect(one.run('ip', '-d', 'link', 'show', 'eth0')).toMatch(/mtu 1300[\s\S]*macvlan mode private/);
    });

    it.each([
      [{}, 'NO_PARENT'],
      [{ parent: 'nosuch0' }, 'PARENT_NOT_FOUND'],
      [{ parent: '../lan0' }, 'INVALID_INTERFACE'],
      [{ parent: '-d' }, 'INVALID_INTERFACE'],
      [{ parent: 'lan0', macvlan_mode: 'l2' }, 'INVALID_OPTION'],
      [{ parent: 'lan0', ipvlan_mode: 'l2' }, 'INVALID_OPTION'],
    ])('is not made with %o: %s', async (options: Record<string, string>, code) => {
      await localNetwork();
      await expect(ground.driver.create(lan({ options }))).rejects.toMatchObject({ code });
      expect((await ground.driver.create(lan())).subnets).toEqual(subnets);
    });

    it('publishes no ports, and leaves nothing of an attach that fails', async () => {
      await localNetwork();
      const { driver } = ground;
      const made = await driver.create(lan());
      const one = newNamespace();
      const port = { hostIp: '0.0.0.0', hostPort: 80, containerPort: 80, protocol: 'tcp' as const };
      const published = driver.attach(made, endpoint(id(1), one, { ports: [port] }));
      await expect(published).rejects.toMatchObject({ code: 'NO_PORTS' });
      one.run('ip', 'link', 'add', 'eth0', 'type', 'bridge');
      await expect(driver.attach(made, endpoint(id(1), one))).rejects.toThrow(
        /RTM_NEWLINK eth0: file already exists/,
      );
      expect(one.run('ip', '-o', 'link').trim().split('\n')).toHaveLength(2);
      const again = await driver.attach(
        made,
        endpoint(id(1), newNamespace(), { addresses: ['192.168.50.128'] }),
      );
      expect(again.addresses).toEqual(['192.168.50.128/24']);
      await driver.prune(made, []);
    });

    it('tells the cause where taking back fails too, and that it did', async () => {
      await localNetwork();
      const { said, host } = ground;
      let calls = 0;
      const inNetworkNamespace = () => {
        throw new Error(`failure ${++calls}`);
      };
      const driver = createMacvlan({ ...host, inNetworkNamespace }, {});
      const made = await driver.create(lan());
      const fails = driver.attach(made, endpoint(id(1), newNamespace()));
      await expect(fails).rejects.toThrow('failure 1');
      expect(said).toEqual(['not all was taken back: failure 2']);
      const next = endpoint(id(2), newNamespace(), { addresses: ['192.168.50.128'] });
      await ground.driver.attach(made, next);
    });
  });

  describe('macvlan on a host that has the name of the container\u2019s interface', () => {
    const ground = useHostNamespace(createMacvlan);
    beforeAll(() => void run('ip', 'link', 'add', 'eth0', 'type', 'bridge'));

    it('gives it to the container all the same, and leaves the host its own', async () => {
      const router = await localNetwork();
      const driver = createMacvlan(olderKernel(ground.host), {});
      const before = hostState();
      const made = await driver.create(lan());
      const one = newNamespace();
      const attached = await driver.attach(made, endpoint(id(1), one));
      router.run(...ping('192.168.50.128'));
      expect(one.run('ip', '-d', 'link', 'show', 'eth0')).toContain('macvlan');
      await driver.detach(made, attached);
      expect(one.run('ip', '-o', 'link').trim().split('\n')).toHaveLength(1);
      await driver.remove(made);
      expectSame(before);
    });

    it('takes the place of what a killed attach has left, and of nothing else', async () => {
      await localNetwork();
      const { driver } = ground;
      const made = await driver.create(lan());
      const name = ownName('gk', made.id, id(1));
      const [one, two] = [newNamespace(), newNamespace()];
      run('ip', 'link', 'add', 'link', 'lan0', 'name', name, 'netns', one.path, 'type', 'macvlan');
      two.run('ip', 'link', 'add', name, 'type', 'bridge');
      await driver.attach(made, endpoint(id(1), one));
      expect(one.run('ip', 'link')).toMatch(/eth0@/);
      expect(one.run('ip', 'link')).not.toContain(name);
      await expect(driver.attach(made, endpoint(id(1), two))).rejects.toMatchObject({ code: 'EEXIST' });
      expect(two.run('ip', '-o', 'link').trim().split('\n')).toHaveLength(2);
    });
  });

  describe('ipvlan', () => {
    const ground = useHostNamespace(createIpvlan);

    it.each([
      ['l2', /default via 192.168.50.1 dev eth0/],
      ['l3', /default dev eth0/],
    ])('puts containers on the network of the interface: %s', async (mode, route) => {
      const why = await missing(ground);
      if (why) return console.log(`skipped: ${why}`);
      const router = await localNetwork();
      const { driver } = ground;
      const made = await driver.create(lan({ options: { parent: 'lan0', ipvlan_mode: mode } }));
      const [one, two] = [newNamespace(), newNamespace()];
      const attached = await driver.attach(made, endpoint(id(1), one));
      await driver.attach(made, endpoint(id(2), two));
      expect(attached.interfaces).toEqual([{ name: 'eth0' }]);
      expect(one.run('ip', 'route')).toMatch(route);
      one.run(...ping('192.168.50.129'));
      if (mode === 'l2') router.run(...ping('192.168.50.128'));
      await driver.detach(made, attached);
      expect(one.run('ip', 'link')).not.toContain('eth0');
      const mac = driver.attach(made, endpoint(id(3), newNamespace(), { mac: '02:00:00:00:00:02' }));
      await expect(mac).rejects.toMatchObject({ code: 'NO_MAC' });
    });
  });
});

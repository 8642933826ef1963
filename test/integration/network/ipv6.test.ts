import { expect, it } from 'vitest';
import createBridge from '../../../drivers/network/bridge.ts';
import { SOCK } from '../../../native/constants.ts';
import { inNetworkNamespace, openNetlink } from '../../../native/netlink/index.ts';
import { routerAdvertisement } from '../../fixtures/router-advertisement.ts';
import { integration } from '../helpers.ts';
import {
  endpoint,
  expectSame,
  hostState,
  id,
  type Namespace,
  network,
  newNamespace,
  run,
  syscalls,
  useHostNamespace,
} from './ground.ts';

const AF_PACKET = 17;
const MAC = '02:42:66:66:66:66';
const routes = (space?: Namespace) => (space ? space.run('ip', '-6', 'route') : run('ip', '-6', 'route'));
const ping = (address: string) => ['busybox', 'ping', '-6', '-c', '1', '-W', '2', address];
const settled = () => new Promise((resolve) => setTimeout(resolve, 300));

/** Puts a frame on the wire behind an interface of another namespace, as CAP_NET_RAW allows (packet(7)). */
function sendFrom({ path }: Namespace, ifname: string, frame: Buffer): void {
  inNetworkNamespace(syscalls, path, () => {
    const netlink = openNetlink(syscalls);
    const { index } = netlink.link(ifname)!;
    netlink.close();
    const fd = syscalls.socket(AF_PACKET, SOCK.RAW | SOCK.CLOEXEC, 0);
    const address = Buffer.alloc(20);
    address.writeUInt16LE(AF_PACKET, 0);
    address.writeUInt16BE(0x86dd, 2);
    address.writeInt32LE(index, 4);
    expect(syscalls.sendto(fd, frame, 0, address)).toBe(frame.length);
    syscalls.close(fd);
  });
}

integration('IPv6 on a bridge', () => {
  const ground = useHostNamespace(createBridge);

  it('is there at once: no waiting for duplicates, neither of the host nor of a container', async () => {
    const { driver } = ground;
    const before = hostState();
    const made = await driver.create(network({ ipv6: true }));
    expect(made.subnets[1]?.subnet).toMatch(/^fd[0-9a-f:]+::\/64$/);
    const [one, two] = [newNamespace(), newNamespace()];
    const { addresses, routes: told } = await driver.attach(made, endpoint(id(1), one));
    const gateway = made.subnets[1]!.gateway!;
    one.run(...ping(gateway));
    expect(addresses[1]).toBe(gateway.replace(/1$/, '2/64'));
    expect(told[1]).toEqual({ to: 'default', via: gateway });
    expect(one.run('ip', '-6', 'route')).toContain(`default via ${gateway} dev eth0`);
    await driver.attach(made, endpoint(id(2), two));
    two.run(...ping(addresses[1]!.replace('/64', '')));
    expect(`${run('ip', '-6', 'addr')}${one.run('ip', '-6', 'addr')}`).not.toContain('tentative');
    await driver.remove(made);
    expectSame(before);
  });

  it('is off where the network has none', async () => {
    const { driver } = ground;
    const made = await driver.create(network());
    const one = newNamespace();
    await driver.attach(made, endpoint(id(1), one));
    expect(one.run('ip', '-6', 'addr', 'show', 'dev', 'eth0')).toBe('');
    expect(run('ip', '-6', 'addr', 'show', 'dev', 'gocker0')).toBe('');
    await driver.remove(made);
  });

  it.each([{ ipv6: true }, { ipv6: false }])(
    'takes no route and no address that a container advertises: $ipv6',
    async (some) => {
      const { driver } = ground;
      run('sysctl', '-qw', 'net.ipv6.conf.all.forwarding=0');
      const made = await driver.create(network({ ...some, internal: true }));
      const [evil, victim] = [newNamespace(), newNamespace()];
      await driver.attach(made, endpoint(id(1), evil));
      await driver.attach(made, endpoint(id(2), victim));
      await settled();
      const before = [routes(), routes(victim)];
      sendFrom(evil, 'eth0', routerAdvertisement(MAC));
      await settled();
      expect([routes(), routes(victim)]).toEqual(before);
      expect(run('ip', '-6', 'addr') + victim.run('ip', '-6', 'addr')).not.toContain('2001:db8:bad');
      await driver.remove(made);
    },
  );

  it('is a matter of these settings: an interface as the kernel makes it believes the same advertisement', async () => {
    const evil = newNamespace();
    run('sysctl', '-qw', 'net.ipv6.conf.all.forwarding=0');
    run('ip', 'link', 'add', 'naive', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', evil.path);
    run('sysctl', '-qw', 'net.ipv6.conf.naive.accept_dad=0');
    evil.run('ip', 'link', 'set', 'eth0', 'up');
    run('ip', 'link', 'set', 'naive', 'up');
    await settled();
    sendFrom(evil, 'eth0', routerAdvertisement(MAC));
    await settled();
    expect(routes()).toMatch(/default via fe80::\S+ dev naive proto ra/);
    expect(run('ip', '-6', 'addr')).toContain('2001:db8:bad');
    run('ip', 'link', 'delete', 'naive');
  });
});

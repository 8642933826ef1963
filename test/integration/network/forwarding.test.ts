import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import createBridge from '../../../drivers/network/bridge.ts';
import { integration } from '../helpers.ts';
import { endpoint, eventually, id, network, newNamespace, run, useHostNamespace } from './ground.ts';

const sysctl = (path: string) => readFileSync(`/proc/sys/net/${path}`, 'utf8').trim();
const switches = () => ['ipv4/ip_forward', 'ipv6/conf/all/forwarding'].map(sysctl);
const off = () => run('sysctl', '-qw', 'net.ipv4.ip_forward=0', 'net.ipv6.conf.all.forwarding=0');
const other = { id: id('cd'), name: 'other', ipv6: true };

integration('forwarding', () => {
  const ground = useHostNamespace(createBridge);

  it('is switched on when a network needs it, said, and put back behind the last one', async () => {
    off();
    const { driver, said } = ground;
    const made = await driver.create(network());
    await driver.attach(made, endpoint(id(1), newNamespace()));
    expect([switches(), said]).toEqual([
      ['1', '0'],
      ['network bridge: switched forwarding on (net.ipv4.ip_forward=1)'],
    ]);
    const both = await driver.create(network(other));
    await driver.attach(both, endpoint(id(2), newNamespace()));
    expect([switches(), said[1]]).toEqual([
      ['1', '1'],
      'network other: switched forwarding on (net.ipv6.conf.all.forwarding=1)',
    ]);
    await driver.remove(made);
    expect(switches()).toEqual(['1', '1']);
    await driver.remove(both);
    expect(switches()).toEqual(['0', '0']);
  });

  it('is put back while somebody still holds the namespace of a container that has ended', async () => {
    off();
    const { driver, host } = ground;
    const made = await driver.create(network());
    const one = newNamespace();
    const ended = { ...one, path: join(host.root, '../netns') };
    symlinkSync(one.path, ended.path);
    const attached = await driver.attach(made, endpoint(id(1), ended));
    rmSync(ended.path);
    await driver.detach(made, attached);
    expect([run('ip', 'link').includes('veth'), switches()]).toEqual([true, ['1', '0']]);
    await driver.remove(made);
    expect([run('ip', 'link').includes('veth'), switches()]).toEqual([true, ['0', '0']]);
    one.close();
    await eventually(() => !run('ip', 'link').includes('veth'));
  });

  it('stays as it was found, and where somebody else may want it', async () => {
    const { driver, said } = ground;
    run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
    const made = await driver.create(network());
    await driver.attach(made, endpoint(id(1), newNamespace()));
    await driver.remove(made);
    expect([sysctl('ipv4/ip_forward'), said]).toEqual(['1', []]);
    off();
    const again = await driver.create(network());
    await driver.attach(again, endpoint(id(1), newNamespace()));
    run('ip', 'link', 'add', 'virbr0', 'type', 'bridge');
    await driver.remove(again);
    expect(sysctl('ipv4/ip_forward')).toBe('1');
    run('ip', 'link', 'delete', 'virbr0');
  });

  it('is left alone for an internal network', async () => {
    off();
    const { driver, said } = ground;
    const made = await driver.create(network({ internal: true, ipv6: true }));
    await driver.attach(made, endpoint(id(1), newNamespace()));
    expect([switches(), said]).toEqual([['0', '0'], []]);
    await driver.remove(made);
  });

  it('of IPv6 leaves the host the default route that it was advertised', async () => {
    off();
    const { driver } = ground;
    run('ip', 'link', 'add', 'uplink', 'mtu', '1400', 'type', 'veth', 'peer', 'name', 'wire');
    run('ip', 'link', 'set', 'uplink', 'up');
    run('ip', '-6', 'route', 'add', 'default', 'via', 'fe80::1', 'dev', 'uplink');
    const made = await driver.create(network(other));
    const one = newNamespace();
    await driver.attach(made, endpoint(id(1), one));
    expect(sysctl('ipv6/conf/uplink/accept_ra')).toBe('2');
    expect(one.run('ip', 'link', 'show', 'eth0')).toContain('mtu 1400');
    await driver.remove(made);
    expect([switches(), sysctl('ipv6/conf/uplink/accept_ra')]).toEqual([['0', '0'], '1']);
    run('ip', 'link', 'delete', 'uplink');
  });
});

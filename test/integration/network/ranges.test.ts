import { expect, it } from 'vitest';
import createBridge from '../../../drivers/network/bridge.ts';
import { integration } from '../helpers.ts';
import { endpoint, id, network, newNamespace, run, useHostNamespace } from './ground.ts';

integration('ranges of networks', () => {
  const ground = useHostNamespace(createBridge);

  it('avoid what the host reaches', async () => {
    const { driver } = ground;
    run('ip', 'link', 'add', 'lan', 'type', 'bridge');
    run('ip', 'address', 'add', '172.29.3.1/24', 'dev', 'lan');
    run('ip', 'link', 'set', 'lan', 'up');
    run('ip', 'route', 'add', '172.30.0.0/15', 'via', '172.29.3.9');
    const made = await driver.create(network());
    expect(made.subnets).toEqual([{ subnet: '10.29.0.0/24', gateway: '10.29.0.1' }]);
    const subnets = [{ subnet: '172.29.0.0/16' }];
    const create = driver.create(network({ id: id('cd'), name: 'mine', subnets }));
    await expect(create).rejects.toThrow(
      /range 172.29.0.0\/16 of network mine overlaps with 172.29.3.\S+ of the host's interface lan/,
    );
    run('ip', 'link', 'delete', 'lan');
    const again = await driver.create(network({ id: id('cd'), name: 'mine', subnets }));
    expect(again.subnets[0]?.subnet).toBe('172.29.0.0/16');
  });

  it('of networks differ, also of those made at once', async () => {
    const { driver } = ground;
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, at) => driver.create(network({ id: id(at + 10), name: `net${at}` }))),
    );
    expect(new Set(all.map(({ subnets }) => subnets[0]?.subnet)).size).toBe(8);
    expect(all.map(({ subnets }) => subnets[0]?.subnet)).toContain('172.30.0.0/16');
    await driver.remove(all[0]!);
    const next = await driver.create(network({ id: id('ee'), name: 'next' }));
    expect(next.subnets).toEqual(all[0]?.subnets);
  });

  it('stay the same for the same network, in use or not', async () => {
    const { driver } = ground;
    const made = await driver.create(network({ ipv6: true }));
    await driver.attach(made, endpoint(id(1), newNamespace()));
    expect(await driver.create(network({ ipv6: true }))).toEqual(made);
    await driver.remove(made);
  });

  it('that nobody knows are used by nobody', async () => {
    const { driver } = ground;
    const attach = driver.attach(
      network({ subnets: [{ subnet: '10.5.0.0/24' }] }),
      endpoint(id(1), newNamespace()),
    );
    await expect(attach).rejects.toMatchObject({ code: 'NETWORK_NOT_FOUND' });
    expect(run('ip', '-o', 'link').trim().split('\n')).toHaveLength(1);
  });

  it('come with the MTU that was asked for', async () => {
    const { driver } = ground;
    const options = { 'com.docker.network.driver.mtu': '1280' };
    const made = await driver.create(network({ options }));
    const one = newNamespace();
    await driver.attach(made, endpoint(id(1), one));
    expect(one.run('ip', 'link', 'show', 'eth0')).toContain('mtu 1280');
    expect(run('ip', 'link', 'show', 'gocker0')).toContain('mtu 1280');
    await driver.remove(made);
  });
});

import { expect, it } from 'vitest';
import { findState, writeState } from '../../../drivers/network/addresses/state.ts';
import { ownName } from '../../../drivers/network/interface.ts';
import createMacvlan from '../../../drivers/network/macvlan.ts';
import type { Network } from '../../../src/driver/index.ts';
import { integration } from '../helpers.ts';
import { endpoint, id, type Namespace, newNamespace, useHostNamespace } from './ground.ts';
import { lan, localNetwork } from './lan.ts';

integration('macvlan in a container that outlives who attached it', () => {
  const ground = useHostNamespace(createMacvlan);
  const links = (one: Namespace) => one.run('ip', '-o', 'link').trim().split('\n').length;

  /** As an attach that was killed leaves it: with a link under either name, and a lease of a dead process. */
  async function cutOff(made: Network, one: Namespace, ifname: string): Promise<void> {
    await ground.driver.attach(made, endpoint(id(1), one));
    one.run('ip', 'link', 'set', 'eth0', 'down');
    one.run('ip', 'link', 'set', 'eth0', 'name', ifname);
    const state = findState(ground.host, made.id)!;
    state.leases[id(1)]!.maker = '0:1';
    writeState(ground.host, made.id, state);
  }

  it.each([
    ['detach', ownName('gk', id('ab'), id(1))],
    ['detach', 'eth0'],
    ['prune', ownName('gk', id('ab'), id(1))],
    ['prune', 'eth0'],
  ] as const)('goes by %s when that was killed: %s', async (by, ifname) => {
    await localNetwork();
    const { driver } = ground;
    const made = await driver.create(lan());
    const one = newNamespace();
    await cutOff(made, one, ifname);
    one.run('ip', 'link', 'add', 'other', 'type', 'bridge');
    await driver.prune(made, [id(1)]);
    expect(links(one)).toBe(3);
    if (by === 'detach') await driver.detach(made, { containerId: id(1) });
    else await driver.prune(made, []);
    expect([links(one), findState(ground.host, made.id)?.leases]).toEqual([2, {}]);
    await driver.attach(made, endpoint(id(1), one));
  });

  it.each([ownName('gk', id('ab'), id(1)), 'eth0'])('gives way to the next attach: %s', async (ifname) => {
    await localNetwork();
    const { driver } = ground;
    const made = await driver.create(lan());
    const [one, two] = [newNamespace(), newNamespace()];
    for (const next of [one, two]) {
      await cutOff(made, one, ifname);
      await driver.attach(made, endpoint(id(1), next));
      expect(next.run('ip', '-o', 'link')).toContain('eth0@');
    }
    expect([links(one), links(two)]).toEqual([1, 2]);
  });
});

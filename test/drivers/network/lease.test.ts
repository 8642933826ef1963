import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lease, release, releaseDead } from '../../../drivers/network/addresses/lease.ts';
import { bootId, thisProcess } from '../../../drivers/network/addresses/maker.ts';
import { findState, writeState } from '../../../drivers/network/addresses/state.ts';
import { fakeSyscalls } from '../../../native/fake.ts';
import { createHost } from '../../../src/driver/host.ts';
import type { Endpoint, Network } from '../../../src/driver/index.ts';
import { endpoint, ID, network } from './networks.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gocker-lease-'));
  mkdirSync(join(root, 'networks'));
});
afterEach(() => rmSync(root, { recursive: true }));

const host = () => createHost({ root, syscalls: fakeSyscalls().syscalls, log: () => {} });
const known = { name: 'some', device: 'gk-some', subnets: [], last: {}, leases: {} };

function make(subnets: Network['subnets'], hosts: string[] = []) {
  const of = network({ subnets });
  writeState(host(), ID, { ...known, boot: bootId() });
  return {
    of,
    take: (containerId: string, some?: Partial<Endpoint>) =>
      lease(host(), of, { endpoint: endpoint(containerId, some), hosts }),
    leases: () => findState(host(), ID)?.leases,
  };
}
const small = [{ subnet: '10.1.2.0/29', gateway: '10.1.2.1' }];

describe('a lease', () => {
  it('takes one address after the other, and a freed one only when it has been round', () => {
    const { of, take } = make(small);
    expect([take('a'), take('b')].flat()).toEqual(['10.1.2.2/29', '10.1.2.3/29']);
    release(host(), of, 'a');
    expect(['c', 'd', 'e'].flatMap((id) => take(id))).toEqual(['10.1.2.4/29', '10.1.2.5/29', '10.1.2.6/29']);
    expect(take('f')).toEqual(['10.1.2.2/29']);
  });

  it('leaves out network, broadcast address and gateway, and says when none is left', () => {
    const { take } = make([{ subnet: '10.1.2.0/29', gateway: '10.1.2.4' }]);
    const taken = ['a', 'b', 'c', 'd', 'e'].flatMap((id) => take(id));
    expect(taken).toEqual([1, 2, 3, 5, 6].map((last) => `10.1.2.${last}/29`));
    expect(() => take('f')).toThrow(
      expect.objectContaining({
        code: 'ADDRESSES_EXHAUSTED',
        message: 'no free address in 10.1.2.0/29 of network some',
      }),
    );
  });

  it('stays in the range that it may choose from', () => {
    const { take } = make([{ subnet: '10.1.2.0/24', gateway: '10.1.2.1', ipRange: '10.1.2.254/31' }]);
    expect(take('a')).toEqual(['10.1.2.254/24']);
    expect(() => take('b')).toThrow(/no free address in 10.1.2.254\/31/);
  });

  it('is of both families', () => {
    const { take } = make([...small, { subnet: 'fd00:7::/64', gateway: 'fd00:7::1' }]);
    expect(take('a')).toEqual(['10.1.2.2/29', 'fd00:7::2/64']);
    expect(take('b')).toEqual(['10.1.2.3/29', 'fd00:7::3/64']);
  });

  it('takes the place of what the same container held', () => {
    const { take, leases } = make(small);
    take('a');
    take('a');
    expect(leases()).toMatchObject({ a: { addresses: ['10.1.2.3'] } });
    expect(Object.keys(leases() ?? {})).toEqual(['a']);
  });

  it('is not to be had of a network that its driver does not know', () => {
    expect(() => lease(host(), network({ subnets: small }), { endpoint: endpoint('a') })).toThrow(
      /not known to its driver/,
    );
  });
});

describe('a wanted address', () => {
  it('is given if it is free', () => {
    const { take } = make(small);
    expect(take('a', { addresses: ['10.1.2.5'] })).toEqual(['10.1.2.5/29']);
    expect(take('b')).toEqual(['10.1.2.2/29']);
    expect(() => take('c', { addresses: ['10.1.2.5'] })).toThrow(
      'address 10.1.2.5 of network some is in use by container a',
    );
  });

  it('may be outside the range that others are chosen from', () => {
    const { take } = make([{ ...small[0], ipRange: '10.1.2.4/31' }]);
    expect(take('a', { addresses: ['10.1.2.2'] })).toEqual(['10.1.2.2/29']);
  });

  it.each(['10.1.2.0', '10.1.2.1', '10.1.2.7'])('is not %s, which is no container\u2019s', (address) => {
    const { take } = make(small);
    expect(() => take('a', { addresses: [address] })).toThrow(/not for containers/);
  });

  it('is not the host\u2019s, nor is one that is chosen', () => {
    const { take } = make(small, ['10.1.2.2', '10.1.2.3']);
    expect(take('a')).toEqual(['10.1.2.4/29']);
    expect(() => take('b', { addresses: ['10.1.2.3'] })).toThrow(
      'address 10.1.2.3 of network some is in use by the host',
    );
  });

  it.each([[['10.9.9.9']], [['fd00::5']], [['eth0']], [['10.1.2.3', '10.1.2.4']]])(
    'is refused: %j',
    (addresses) => {
      const { take, leases } = make(small);
      expect(() => take('a', { addresses })).toThrow(/is not in 10.1.2.0\/29 of network some/);
      expect(leases()).toEqual({});
    },
  );
});

describe('clean-up', () => {
  it('frees what is of no living container, once its maker is dead', () => {
    const { of, take, leases } = make(small);
    take('a');
    take('b');
    expect([...releaseDead(host(), of, ['a'])]).toEqual(['a', 'b']);
    const state = findState(host(), ID)!;
    const [pid] = thisProcess().split(':');
    state.leases.b!.maker = `${pid}:1`;
    state.leases.a!.maker = '0:1';
    writeState(host(), ID, state);
    expect([...releaseDead(host(), of, ['a'])]).toEqual(['a']);
    expect(Object.keys(leases() ?? {})).toEqual(['a']);
  });

  it('forgets what an earlier boot has leased', () => {
    const { take, leases } = make(small);
    take('a');
    writeState(host(), ID, { ...findState(host(), ID)!, boot: 'earlier' });
    expect(leases()).toEqual({});
    expect(take('b')).toEqual(['10.1.2.3/29']);
  });

  it('frees twice without complaint', () => {
    const { of, take } = make(small);
    take('a');
    release(host(), of, 'a');
    release(host(), of, 'a');
    release(host(), network({ id: 'cd'.repeat(32) }), 'a');
    expect([...releaseDead(host(), network({ id: 'cd'.repeat(32) }), [])]).toEqual([]);
  });
});

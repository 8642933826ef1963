import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkDriver } from '../../src/driver/index.ts';
import type { NetworkContext } from '../../src/network/context.ts';

/** Networks in a directory of their own, with a driver that remembers what it was asked. */
export interface FakeNetworks extends NetworkContext {
  /** IDs of the networks that the driver has. */
  made: Set<string>;
  pruned: [network: string, alive: string[]][];
  /** What the next `create` fails with. */
  fail?: Error | undefined;
  /** What each `remove` fails with. */
  failRemove?: Error | undefined;
  cleanUp(): void;
}

export function fakeNetworks(): FakeNetworks {
  const root = mkdtempSync(join(tmpdir(), 'gocker-networks-'));
  const context: FakeNetworks = {
    root,
    made: new Set(),
    pruned: [],
    driver: async () => fakeDriver(context),
    withLock: fakeLock(),
    now: () => new Date('2026-01-01T00:00:00Z'),
    cleanUp: () => rmSync(root, { recursive: true }),
  };
  return context;
}

function fakeDriver(context: FakeNetworks): NetworkDriver {
  return {
    namespace: 'private',
    probe: async () => {},
    create: async (network) => {
      context.made.add(network.id);
      if (context.fail) throw context.fail;
      return { ...network, subnets: [{ subnet: '10.0.0.0/24', gateway: '10.0.0.1' }] };
    },
    remove: async ({ id }) => {
      if (context.failRemove) throw context.failRemove;
      context.made.delete(id);
    },
    prune: async ({ id }, alive) => {
      context.pruned.push([id, alive]);
    },
  } as NetworkDriver;
}

/** As the real one: one holder, or many that share; fails where the directory is not there. */
function fakeLock(): NetworkContext['withLock'] {
  const held = new Map<string, number>();
  return async (path, work, { shared = false } = {}) => {
    mkdirSync(`${path}.seen`);
    rmSync(`${path}.seen`, { recursive: true });
    const isFree = () => (shared ? (held.get(path) ?? 0) >= 0 : (held.get(path) ?? 0) === 0);
    while (!isFree()) await sleep(1);
    held.set(path, shared ? (held.get(path) ?? 0) + 1 : -1);
    try {
      return await work();
    } finally {
      held.set(path, shared ? held.get(path)! - 1 : 0);
    }
  };
}

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSyscalls } from '../../native/index.ts';
import type { ContainerContext, ContainerNetworks, NamedContainer } from '../../src/container/context.ts';
import type { Endpoint, Mount, StorageDriver } from '../../src/driver/index.ts';
import { hasCode } from '../../src/errors.ts';
import type { Digest, Image } from '../../src/image/types.ts';
import type { ContainerPlan, Outcome, Runtime } from '../../src/runtime/types.ts';
import { fakeNetworks } from './fake-networks.ts';
import { fakeRuntime, identity } from './fake-runtime.ts';

/** A context whose processes, snapshots and networks are lists. */
export interface FakeContext extends ContainerContext {
  /** pids of the processes that live. */
  alive: Set<number>;
  snapshots: Set<string>;
  /** IDs of containers that are on any network, and what is attached: `NETWORK/CONTAINER`. */
  attached: Set<string>;
  links: Map<string, Endpoint>;
  /** Names that hosts files have, as `NETWORK/CONTAINER`. */
  named: Map<string, NamedContainer>;
  pruned: string[];
  /** What is called before, and after, a container has been attached. */
  attaching: { before?(network: string): void; after?(network: string): void };
  destroyed: string[];
  plans: ContainerPlan[];
  /** What the next run or destroy does. */
  behaviour: { fail?: Error; oom?: boolean; prepareFails?: Error };
  /** What a new container's root holds. */
  image: string;
  /** Ends the program of the last run. */
  end(outcome: Outcome): void;
  /** The same machine as another process sees it. */
  otherProcess(pid: number): FakeContext;
  cleanUp(): void;
}

export const SELF = 100;

export function fakeContext(): FakeContext {
  const root = mkdtempSync(join(tmpdir(), 'gocker-container-'));
  const context: FakeContext = {
    root,
    runRoot: join(root, 'run'),
    syscalls: createSyscalls(),
    launch: () => {
      throw new Error('not in this fake');
    },
    self: identity(SELF),
    alive: new Set([SELF]),
    snapshots: new Set(),
    attached: new Set(),
    links: new Map(),
    named: new Map(),
    pruned: [],
    attaching: {},
    destroyed: [],
    plans: [],
    behaviour: {},
    image: mkdtempSync(join(tmpdir(), 'gocker-image-')),
    end: () => {},
    now: () => new Date('2026-01-01T00:00:00Z'),
    log: () => {},
    withLock: async (path, work) => {
      while (!tryHold(`${path}.held`, dirname(path) === join(root, 'names'))) await sleep(1);
      try {
        return await work();
      } finally {
        rmSync(`${path}.held`, { recursive: true, force: true });
      }
    },
    storageDriver: async () => 'fake',
    storage: async () => fakeStorage(context),
    networks: undefined as unknown as ContainerNetworks,
    runtime: undefined as unknown as Runtime,
    otherProcess: (pid) => {
      context.alive.add(pid);
      return { ...context, self: identity(pid) };
    },
    cleanUp: () => {
      for (const path of [root, context.image]) rmSync(path, { recursive: true, force: true });
    },
  };
  context.runtime = fakeRuntime(context);
  context.networks = fakeNetworks(context);
  return context;
}

/** As the real lock, which fails where the directory is gone. */
function tryHold(path: string, recursive: boolean): boolean {
  try {
    mkdirSync(path, { recursive });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function fakeStorage({ snapshots, behaviour }: FakeContext): StorageDriver {
  const mounts: Mount[] = [{ type: 'bind', source: '/x', options: [] }];
  return {
    rebase: true,
    usage: async () => ({ bytes: 0, inodes: 0 }),
    prepare: async (key: string) => {
      if (behaviour.prepareFails) throw behaviour.prepareFails;
      snapshots.add(key);
      return mounts;
    },
    mounts: async () => mounts,
    view: async (key: string) => {
      snapshots.add(key);
      return mounts;
    },
    remove: async (key: string) => {
      snapshots.delete(key);
    },
  } as unknown as StorageDriver;
}

const DIGEST = `sha256:${'a'.repeat(64)}` as Digest;

/** An image of one layer; `config` as in an image config. */
export function fakeImage(config: Image['config']['config'] = { Cmd: ['sh'] }): Image {
  return {
    id: DIGEST,
    manifest: { mediaType: 'm', digest: DIGEST, size: 1 },
    config: { platform: { os: 'linux', architecture: 'amd64' }, config, diffIDs: [DIGEST], history: [] },
    layers: [{ mediaType: 'l', digest: DIGEST, size: 1 }],
    chainIDs: [DIGEST as unknown as Image['chainIDs'][number]],
  };
}

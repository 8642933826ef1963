import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fakeSyscalls } from '../../native/fake.ts';
import type { ContainerContext } from '../../src/container/context.ts';
import type { Attachment, Mount, NetworkDriver, StorageDriver } from '../../src/driver/index.ts';
import type { Digest, Image } from '../../src/image/types.ts';
import type { ContainerPlan, Outcome, ProcessIdentity, Runtime, Streams } from '../../src/runtime/types.ts';

/** A context whose processes, snapshots and networks are lists. */
export interface FakeContext extends ContainerContext {
  /** pids of the processes that live. */
  alive: Set<number>;
  snapshots: Set<string>;
  attached: Set<string>;
  destroyed: string[];
  plans: ContainerPlan[];
  /** What the next run or destroy does. */
  behaviour: { fail?: Error; oom?: boolean; prepareFails?: Error };
  /** Ends the program of the last run. */
  end(outcome: Outcome): void;
  /** The same machine as another process sees it. */
  otherProcess(pid: number): FakeContext;
  cleanUp(): void;
}

export const SELF = 100;
const INIT = 200;

export function identity(pid: number): ProcessIdentity {
  return { pid, startTime: '1', bootId: '0b00' };
}

export function fakeContext(): FakeContext {
  const root = mkdtempSync(join(tmpdir(), 'gocker-container-'));
  const context: FakeContext = {
    root,
    runRoot: join(root, 'run'),
    syscalls: fakeSyscalls().syscalls,
    launch: () => {
      throw new Error('not in this fake');
    },
    self: identity(SELF),
    alive: new Set([SELF]),
    snapshots: new Set(),
    attached: new Set(),
    destroyed: [],
    plans: [],
    behaviour: {},
    end: () => {},
    now: () => new Date('2026-01-01T00:00:00Z'),
    log: () => {},
    withLock: async (path, work) => {
      // As the real one, which fails where the directory is gone.
      mkdirSync(`${path}.held`, { recursive: dirname(path) === join(root, 'names') });
      try {
        return await work();
      } finally {
        rmSync(`${path}.held`, { recursive: true, force: true });
      }
    },
    writeNetworkFiles: async (directory) => [
      { source: join(directory, 'hosts'), destination: '/etc/hosts', readonly: false, recursive: false },
    ],
    storageDriver: async () => 'fake',
    storage: async () => fakeStorage(context),
    network: async (name) => ({
      driver: fakeNetwork(context),
      network: { id: '', name, driver: name, subnets: [], ipv6: false, internal: false, options: {} },
    }),
    runtime: undefined as unknown as Runtime,
    otherProcess: (pid) => {
      context.alive.add(pid);
      return { ...context, self: identity(pid) };
    },
    cleanUp: () => rmSync(root, { recursive: true, force: true }),
  };
  context.runtime = fakeRuntime(context);
  return context;
}

function fakeRuntime(context: FakeContext): Runtime {
  return {
    warm: () => {},
    copy: {} as Runtime['copy'],
    update: () => {},
    processes: () => [],
    usage: () => ({ cpu: 0, memory: 0, memoryLimit: 0, blockRead: 0, blockWritten: 0, processes: 0 }),
    isFrozen: () => false,
    setFrozen: async () => {},
    grant: (asked) => ({ ...asked, warnings: [] }),
    capabilities: () => ['CAP_CHOWN', 'CAP_NET_ADMIN'],
    isAlive: ({ pid }) => context.alive.has(pid),
    signal: ({ pid }, signal) => {
      const isAlive = context.alive.has(pid);
      if (isAlive && pid === INIT && signal === constants.signals.SIGKILL)
        context.end({ exitCode: 137, oomKilled: false });
      return isAlive;
    },
    oomKilled: () => context.behaviour.oom ?? false,
    destroy: async (id) => {
      context.destroyed.push(id);
      context.alive.delete(INIT);
      context.end({ exitCode: 137, oomKilled: false });
    },
    exec: async () => {
      throw new Error('not in this fake');
    },
    run: async (plan, _streams: Streams, onCreated) => {
      context.plans.push(plan);
      if (context.behaviour.fail) throw context.behaviour.fail;
      const ended = new Promise<Outcome>((resolve) => {
        context.end = resolve;
      });
      context.alive.add(INIT);
      await onCreated(identity(INIT));
      const wait = async () => {
        const outcome = await ended;
        context.alive.delete(INIT);
        return outcome;
      };
      return { identity: identity(INIT), signal: () => true, resize: () => {}, wait };
    },
  };
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
    remove: async (key: string) => {
      snapshots.delete(key);
    },
  } as unknown as StorageDriver;
}

function fakeNetwork({ attached }: FakeContext): NetworkDriver {
  return {
    namespace: 'private',
    attach: async (_network: unknown, { containerId }: { containerId: string }): Promise<Attachment> => {
      attached.add(containerId);
      return { containerId, interfaces: [], addresses: [], routes: [], dns: [], ports: [], state: {} };
    },
    detach: async (_network: unknown, { containerId }: Attachment) => {
      attached.delete(containerId);
    },
  } as unknown as NetworkDriver;
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

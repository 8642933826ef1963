import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSyscalls } from '../../native/index.ts';
import type { ContainerContext, ContainerNetworks, NamedContainer } from '../../src/container/context.ts';
import type {
  Attachment,
  Endpoint,
  Mount,
  Network,
  NetworkDriver,
  StorageDriver,
} from '../../src/driver/index.ts';
import { hasCode, NotFoundError } from '../../src/errors.ts';
import type { Digest, Image } from '../../src/image/types.ts';
import type { ContainerPlan, Outcome, ProcessIdentity, Runtime, Streams } from '../../src/runtime/types.ts';

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
const INIT = 200;

export function identity(pid: number): ProcessIdentity {
  return { pid, startTime: '1', bootId: '0b00' };
}

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

function fakeRuntime(context: FakeContext): Runtime {
  return {
    warm: () => {},
    place: () => {},
    copy: {
      openStopped: async () => openSync(context.image, 'r'),
      close: (fd: number) => closeSync(fd),
    } as unknown as Runtime['copy'],
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
      if (context.plans.at(-1)?.id !== id) return;
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
    view: async (key: string) => {
      snapshots.add(key);
      return mounts;
    },
    remove: async (key: string) => {
      snapshots.delete(key);
    },
  } as unknown as StorageDriver;
}

function fakeNetworks(context: FakeContext): ContainerNetworks {
  const find = async (text: string) => {
    const name = text.replace(/0+$/, '');
    if (name === 'nowhere') throw new NotFoundError('NETWORK_NOT_FOUND', `network ${name} not found`);
    const subnets = [{ subnet: '10.0.0.0/24', gateway: '10.0.0.1' }];
    const rest = { driver: name, subnets, ipv6: name.endsWith('six'), options: {} };
    const network = { id: name.padEnd(64, '0'), name, internal: name.startsWith('internal'), ...rest };
    return { driver: fakeNetwork(context), network };
  };
  return {
    find,
    open: find,
    whileUsing: async ({ text }, work) => await work(await find(text)),
    publish: async ({ name }, container) => {
      context.named.set(`${name}/${container.containerId}`, container);
    },
    withdraw: async ({ name }, containerId) => {
      context.named.delete(`${name}/${containerId}`);
    },
    clear: async () => {},
    filesOf: () => [],
    writeFiles: (directory) => [
      { source: join(directory, 'hosts'), destination: '/etc/hosts', readonly: false, recursive: false },
    ],
  };
}

function fakeNetwork({ attached, links, pruned, attaching }: FakeContext): NetworkDriver {
  return {
    namespace: 'private',
    attach: async ({ name }: Network, endpoint: Endpoint): Promise<Attachment> => {
      const { containerId, ifname, ports } = endpoint;
      attaching.before?.(name);
      attached.add(containerId);
      links.set(`${name}/${containerId}`, endpoint);
      attaching.after?.(name);
      const addresses = endpoint.addresses.length > 0 ? endpoint.addresses : [`10.0.0.${links.size + 1}/24`];
      return {
        containerId,
        interfaces: [{ name: ifname }],
        addresses,
        routes: [],
        dns: [],
        ports,
        state: {},
      };
    },
    detach: async ({ name }: Network, { containerId }: Attachment) => {
      links.delete(`${name}/${containerId}`);
      if (![...links.keys()].some((key) => key.endsWith(containerId))) attached.delete(containerId);
    },
    prune: async ({ name }: Network, alive: string[]) => {
      pruned.push(`${name}: ${alive.length}`);
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

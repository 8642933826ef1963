import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSyscalls } from '../../native/index.ts';
import type { Syscalls } from '../../native/syscalls.ts';
import type { ContainerContext } from '../container/context.ts';
import { type DriverKind, type DriverPackage, findDriver } from '../driver/find.ts';
import { createHost } from '../driver/host.ts';
import type { StorageDriver } from '../driver/index.ts';
import { loadNetworkDriver, loadStorageDriver } from '../driver/load.ts';
import { writeNetworkFiles } from '../network/files.ts';
import { identify } from '../runtime/identity.ts';
import { openStore, type Store } from '../store/layout.ts';
import { withLock } from '../store/lock.ts';
import { sweep } from '../store/sweep.ts';
import { takeRuntime } from './early.ts';

export interface EngineOptions {
  /** Where images and containers are kept; /var/lib/gocker when absent. */
  root?: string;
  /** Keeps the file systems of images and new containers; overlayfs when absent. */
  storageDriver?: string;
  /** The packages that may declare drivers, gocker itself among them; only gocker when absent. */
  packages?: DriverPackage[];
  /** What registries are told: `gocker/VERSION`. */
  userAgent?: string;
  /** Takes lines for the person at the terminal. */
  log?(line: string): void;
}

/** What the use-cases are made of; each part is opened when first needed. */
export interface Parts {
  root: string;
  storageDriver: string;
  userAgent: string;
  syscalls: Syscalls;
  containers: ContainerContext;
  store(): Promise<Store>;
  /** The storage driver of that name, or of new containers. */
  storage(name?: string): Promise<StorageDriver>;
  log(line: string): void;
}

export function openParts(options: EngineOptions): Parts {
  const { root = '/var/lib/gocker', storageDriver = 'overlayfs' } = options;
  const { userAgent = 'gocker', packages = [ownPackage()] } = options;
  const syscalls = createSyscalls();
  const log = options.log ?? (() => undefined);
  const found = (kind: DriverKind, name: string) => findDriver(packages, kind, name);
  const host = (kind: DriverKind, name: string) =>
    createHost({ root: join(root, kind, name), syscalls, log });
  const storage = remember((name) =>
    loadStorageDriver(found('storage', name), { host: host('storage', name) }),
  );
  const network = remember((name) =>
    loadNetworkDriver(found('network', name), { host: host('network', name) }),
  );
  const storageOf = (name = storageDriver) => storage(name);
  const store = once(async () => {
    const opened = await openStore(root, syscalls);
    await sweep(opened, storageOf);
    return opened;
  });
  const containers: ContainerContext = {
    root,
    runtime: takeRuntime(syscalls),
    storage: storageOf,
    network: async (name) => ({ driver: await network(name), network: { name, driver: name, options: {} } }),
    writeNetworkFiles,
    withLock: (path, work) => withLock(syscalls, path, work),
    self: identify(process.pid)!,
    now: () => new Date(),
    log,
  };
  return { root, storageDriver, userAgent, syscalls, containers, store, storage: storageOf, log };
}

/** gocker's own package.json, above this module wherever that was bundled to. */
function ownPackage(): DriverPackage {
  for (let root = dirname(fileURLToPath(import.meta.url)); ; root = dirname(root)) {
    const file = join(root, 'package.json');
    if (existsSync(file)) return { name: 'gocker', root, pjson: JSON.parse(readFileSync(file, 'utf8')) };
  }
}

function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
}

function remember<T>(load: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const loaded = new Map<string, Promise<T>>();
  return (name) => {
    const known = loaded.get(name) ?? load(name);
    loaded.set(name, known);
    return known;
  };
}

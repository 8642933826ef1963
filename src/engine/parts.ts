import { join } from 'node:path';
import { createSyscalls } from '../../native/index.ts';
import type { Syscalls } from '../../native/syscalls.ts';
import type { ContainerContext } from '../container/context.ts';
import type { DriverPackage } from '../driver/find.ts';
import type { StorageDriver } from '../driver/index.ts';
import { loadNetworkDriver, loadStorageDriver } from '../driver/load.ts';
import { writeNetworkFiles } from '../network/files.ts';
import { identify } from '../runtime/identity.ts';
import { createRuntime } from '../runtime/index.ts';
import { openStore, type Store } from '../store/layout.ts';
import { withLock } from '../store/lock.ts';

export interface EngineOptions {
  /** Where images and containers are kept; /var/lib/gocker when absent. */
  root?: string;
  /** Where things are kept that a reboot may forget; /run/gocker when absent. */
  runRoot?: string;
  /** Keeps the file systems of images and new containers; overlayfs when absent. */
  storageDriver?: string;
  /** The packages that may declare drivers, gocker itself among them; only gocker when absent. */
  packages?: DriverPackage[];
  /** Takes lines for the person at the terminal. */
  log?(line: string): void;
}

/** What the use-cases are made of; each part is opened when first needed. */
export interface Parts {
  root: string;
  storageDriver: string;
  syscalls: Syscalls;
  containers: ContainerContext;
  store(): Promise<Store>;
  /** The storage driver of that name, or of new containers. */
  storage(name?: string): Promise<StorageDriver>;
  log(line: string): void;
}

export function openParts(options: EngineOptions): Parts {
  const { root = '/var/lib/gocker', runRoot = '/run/gocker', storageDriver = 'overlayfs' } = options;
  const syscalls = createSyscalls();
  const log = options.log ?? (() => undefined);
  const source = { packages: options.packages ?? [], root, syscalls, log };
  const store = once(() => openStore(root, syscalls));
  const storage = remember((name) => loadStorageDriver(name, source));
  const network = remember((name) => loadNetworkDriver(name, source));
  const containers: ContainerContext = {
    root,
    runtime: createRuntime({ syscalls, runDirectory: runRoot }),
    storage: (name = storageDriver) => storage(name),
    network: async (name) => ({ driver: await network(name), network: { name, driver: name, options: {} } }),
    writeNetworkFiles,
    withLock: (path, work) => withLock(syscalls, path, work),
    self: identify(process.pid)!,
    now: () => new Date(),
    log,
  };
  return { root, storageDriver, syscalls, containers, store, storage: containers.storage, log };
}

/** The driver's own folder below gocker's root. */
export function driverFolder(root: string, kind: 'storage' | 'network', name: string): string {
  return join(root, kind, name);
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

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSyscalls } from '../../native/index.ts';
import type { Syscalls } from '../../native/syscalls.ts';
import type { ContainerContext } from '../container/context.ts';
import type { DriverPackage } from '../driver/find.ts';
import type { StorageDriver } from '../driver/index.ts';
import type { NetworkContext } from '../network/context.ts';
import { openStore, type Store } from '../store/layout.ts';
import { sweep } from '../store/sweep.ts';
import { openContainers, openNetworkContext } from './containers.ts';
import { takeRuntime } from './early.ts';
import { once } from './once.ts';

export interface EngineOptions {
  /** Where images and containers are kept; /var/lib/gocker when absent. */
  root?: string;
  /** What a reboot may forget; /run/gocker when absent. */
  runRoot?: string;
  /** Keeps the file systems of images and new containers; what the root has, or else the best that works, when absent. */
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
  /** The name of the storage driver of this root. */
  storageDriver(): Promise<string>;
  userAgent: string;
  syscalls: Syscalls;
  containers: ContainerContext;
  networks: NetworkContext;
  store(): Promise<Store>;
  /** The storage driver of that name, or of new containers. */
  storage(name?: string): Promise<StorageDriver>;
  log(line: string): void;
}

export function openParts(options: EngineOptions): Parts {
  const { root = '/var/lib/gocker', runRoot = '/run/gocker', storageDriver } = options;
  const { userAgent = 'gocker', packages = [ownPackage()] } = options;
  const syscalls = createSyscalls();
  const log = options.log ?? (() => undefined);
  const place = {
    ...{ root, runRoot, packages, syscalls, log },
    ...(storageDriver === undefined ? {} : { storageDriver }),
    runtime: takeRuntime(syscalls),
    monitorScript: fileURLToPath(new URL('./monitor.cjs', import.meta.url)),
  };
  const networks = openNetworkContext(place);
  const containers = openContainers(place, networks);
  const store = once(async () => {
    const opened = await openStore(root, syscalls);
    await sweep(opened, containers.storage);
    return opened;
  });
  const { storage, storageDriver: chosen } = containers;
  return { root, storageDriver: chosen, userAgent, syscalls, containers, networks, store, storage, log };
}

/** gocker's own package.json, above this module wherever that was bundled to. */
function ownPackage(): DriverPackage {
  for (let root = dirname(fileURLToPath(import.meta.url)); ; root = dirname(root)) {
    const file = join(root, 'package.json');
    if (existsSync(file)) return { name: 'gocker', root, pjson: JSON.parse(readFileSync(file, 'utf8')) };
  }
}

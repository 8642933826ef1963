import { join } from 'node:path';
import type { Syscalls } from '../../native/syscalls.ts';
import type { ContainerContext } from '../container/context.ts';
import { launchMonitor, type MonitorPlace } from '../container/monitor/launch.ts';
import { chooseStorageDriver } from '../driver/choose.ts';
import { type DriverKind, findDriver } from '../driver/find.ts';
import { createHost } from '../driver/host.ts';
import { loadNetworkDriver, loadStorageDriver } from '../driver/load.ts';
import type { NetworkContext } from '../network/context.ts';
import { identify } from '../runtime/identity.ts';
import type { Runtime } from '../runtime/types.ts';
import { withLock } from '../store/lock.ts';
import { once } from './once.ts';
import { openNetworks } from './open-networks.ts';

export interface ContainerPlace extends MonitorPlace {
  syscalls: Syscalls;
  runtime: Runtime;
  /** The monitor's bundled script. */
  monitorScript: string;
  log(line: string): void;
}

/** What containers need and images do not; a monitor has this and no more. */
export function openContainers(
  place: ContainerPlace,
  networks: NetworkContext = openNetworkContext(place),
): ContainerContext {
  const { root, runRoot, storageDriver, packages, syscalls, runtime, log } = place;
  const storage = remember((name) =>
    loadStorageDriver(findDriver(packages, 'storage', name), { host: hostOf(place, 'storage', name) }),
  );
  const chosen = once(() => chooseStorageDriver({ root, asked: storageDriver, load: storage, log }));
  return {
    root,
    runRoot,
    syscalls,
    runtime,
    storageDriver: chosen,
    storage: async (name) => storage(name ?? (await chosen())),
    networks: openNetworks(networks),
    withLock: networks.withLock,
    launch: (request) => {
      const drivers = packages.map(driversOnly);
      const asked = storageDriver === undefined ? {} : { storageDriver };
      const monitor = { script: place.monitorScript, root, runRoot, ...asked, packages: drivers, log };
      return launchMonitor(syscalls, monitor, request);
    },
    self: identify(process.pid)!,
    now: () => new Date(),
    log,
  };
}

/** What networks need. */
export function openNetworkContext(place: ContainerPlace): NetworkContext {
  const { root, packages, syscalls } = place;
  return {
    root,
    driver: remember((name) =>
      loadNetworkDriver(findDriver(packages, 'network', name), { host: hostOf(place, 'network', name) }),
    ),
    withLock: (path, work, options) => withLock(syscalls, path, work, options),
    now: () => new Date(),
  };
}

function hostOf({ root, syscalls, log }: ContainerPlace, kind: DriverKind, name: string) {
  return createHost({ root: join(root, kind, name), syscalls, log });
}

/** A package.json may be long, and nothing else of it is asked for. */
function driversOnly({ name, root, pjson }: MonitorPlace['packages'][number]) {
  const { gocker } = pjson as { gocker?: unknown };
  return { name, root, pjson: { gocker } };
}

function remember<T>(load: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const loaded = new Map<string, Promise<T>>();
  return (name) => {
    const known = loaded.get(name) ?? load(name);
    loaded.set(name, known);
    return known;
  };
}

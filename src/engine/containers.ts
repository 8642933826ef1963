import { join } from 'node:path';
import type { Syscalls } from '../../native/syscalls.ts';
import type { ContainerContext } from '../container/context.ts';
import { launchMonitor, type MonitorPlace } from '../container/monitor/launch.ts';
import { type DriverKind, findDriver } from '../driver/find.ts';
import { createHost } from '../driver/host.ts';
import { loadNetworkDriver, loadStorageDriver } from '../driver/load.ts';
import { writeNetworkFiles } from '../network/files.ts';
import { identify } from '../runtime/identity.ts';
import type { Runtime } from '../runtime/types.ts';
import { withLock } from '../store/lock.ts';

export interface ContainerPlace extends MonitorPlace {
  syscalls: Syscalls;
  runtime: Runtime;
  /** The monitor's bundled script. */
  monitorScript: string;
  log(line: string): void;
}

/** What containers need and images do not; a monitor has this and no more. */
export function openContainers(place: ContainerPlace): ContainerContext {
  const { root, runRoot, storageDriver, packages, syscalls, runtime, log } = place;
  const found = (kind: DriverKind, name: string) => findDriver(packages, kind, name);
  const host = (kind: DriverKind, name: string) =>
    createHost({ root: join(root, kind, name), syscalls, log });
  const storage = remember((name) =>
    loadStorageDriver(found('storage', name), { host: host('storage', name) }),
  );
  const network = remember((name) =>
    loadNetworkDriver(found('network', name), { host: host('network', name) }),
  );
  return {
    root,
    runRoot,
    syscalls,
    runtime,
    storage: (name = storageDriver) => storage(name),
    network: async (name) => ({
      driver: await network(name),
      network: { id: '', name, driver: name, subnets: [], ipv6: false, internal: false, options: {} },
    }),
    writeNetworkFiles,
    withLock: (path, work, options) => withLock(syscalls, path, work, options),
    launch: (request) => {
      const drivers = packages.map(driversOnly);
      const monitor = { script: place.monitorScript, root, runRoot, storageDriver, packages: drivers };
      return launchMonitor(syscalls, monitor, request);
    },
    self: identify(process.pid)!,
    now: () => new Date(),
    log,
  };
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

import { join } from 'node:path';

export function networksOf(root: string): string {
  return join(root, 'networks');
}

export function directoryOf(root: string, id: string): string {
  return join(networksOf(root), id);
}

/** Held by whoever makes, removes or names networks. */
export function namesLockOf(root: string): string {
  return join(networksOf(root), '.lock');
}

/** Held, shared, while a container is attached; alone by whoever removes the network. */
export function useLockOf(root: string, id: string): string {
  return join(directoryOf(root, id), 'lock');
}

/** Held while the names of a network's containers are written. */
export function hostsLockOf(root: string, id: string): string {
  return join(directoryOf(root, id), 'hosts.lock');
}

/** What is known by name on the network: one file a container. */
export function endpointsOf(root: string, id: string): string {
  return join(directoryOf(root, id), 'endpoints');
}

/** A network that is being made or taken away. Both only happen under the lock of names, so what is found then is left over. */
export function stagedOf(root: string, id: string): string {
  return join(networksOf(root), `.staged-${id}`);
}

/** The ID in the name of a staged directory. */
export function parseStaged(name: string): string | undefined {
  return /^\.staged-([0-9a-f]{64})$/.exec(name)?.[1];
}

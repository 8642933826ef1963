import type { NetworkDriver } from '../driver/index.ts';

/** What the network verbs need; put together by the engine, faked in tests. */
export interface NetworkContext {
  /** GOCKER_ROOT. */
  root: string;
  /** Loads a network driver at first use. */
  driver(name: string): Promise<NetworkDriver>;
  /** Runs `work` while the file is locked (flock), made if need be; `shared` beside others that share it. */
  withLock<T>(path: string, work: () => Promise<T>, options?: { shared?: boolean }): Promise<T>;
  now(): Date;
}

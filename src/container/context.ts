import type { Syscalls } from '../../native/syscalls.ts';
import type { Network, NetworkDriver, StorageDriver } from '../driver/index.ts';
import type { BindMount, ProcessIdentity, Runtime } from '../runtime/types.ts';
import type { Launched, LaunchRequest } from './monitor/launch.ts';
import type { Settings } from './plan/schema.ts';

/** What the files of names in a container's /etc are made of. */
export interface NameOptions extends Pick<Settings, 'extraHosts' | 'dns' | 'dnsSearch' | 'dnsOptions'> {
  hostname: string;
  /** The container shares the host's network. */
  host: boolean;
}

/** What the container verbs need; put together by the engine, faked in tests. */
export interface ContainerContext {
  /** GOCKER_ROOT. */
  root: string;
  /** GOCKER_RUN: what a reboot may forget, the sockets of monitors. */
  runRoot: string;
  syscalls: Syscalls;
  runtime: Runtime;
  /** Loads a storage driver at first use; without a name the one that new containers get. */
  storage(name?: string): Promise<StorageDriver>;
  network(name: string): Promise<{ driver: NetworkDriver; network: Network }>;
  /** Writes /etc/hosts, /etc/hostname and /etc/resolv.conf of a container, and says where they go. */
  writeNetworkFiles(directory: string, options: NameOptions): Promise<BindMount[]>;
  /** Runs `work` while the file is locked (flock), made if need be; `shared` beside others that are. */
  withLock<T>(path: string, work: () => Promise<T>, options?: { shared?: boolean }): Promise<T>;
  /** Starts the process that looks after one container from now on. */
  launch(request: LaunchRequest): Launched;
  /** This process. */
  self: ProcessIdentity;
  now(): Date;
  /** One line for the person at the terminal. */
  log(message: string): void;
}

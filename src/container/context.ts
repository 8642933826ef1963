import type { Syscalls } from '../../native/syscalls.ts';
import type { Network, NetworkDriver, StorageDriver } from '../driver/index.ts';
import type { BindMount, ProcessIdentity, Runtime } from '../runtime/types.ts';
import type { Launched, LaunchRequest } from './monitor/launch.ts';
import type { Settings } from './plan/schema.ts';

/** What the files of names in a container's /etc are made of. */
export interface NameOptions extends Pick<Settings, 'extraHosts' | 'dns' | 'dnsSearch' | 'dnsOptions'> {
  hostname: string;
  /** Whose network the container sees: the host's, one of its own that reaches others, or one that reaches nobody. */
  reach: 'host' | 'networks' | 'nobody';
}

/** A network, and who makes it. */
export interface OpenNetwork {
  network: Network;
  driver: NetworkDriver;
}

/** A container's names and addresses on one network; see `src/network/endpoints.ts`. */
export interface NamedContainer {
  containerId: string;
  ownNames: string[];
  names: string[];
  addresses: string[];
  hosts: string;
  hostsLock: string;
}

/** What containers need of networks. */
export interface ContainerNetworks {
  /** The network that `text` names, as its record says. Throws NETWORK_NOT_FOUND. */
  find(text: string): Promise<OpenNetwork>;
  /** The same with all that the driver has filled in: the predefined bridge is made at its first use. */
  open(text: string): Promise<OpenNetwork>;
  /** Runs `work` while nobody can remove the network; with `alone`, while nobody else uses it. */
  whileUsing<T>(
    use: { text: string; alone?: boolean },
    work: (network: OpenNetwork) => Promise<T>,
  ): Promise<T>;
  /** Names and addresses for the hosts files of a container and of those on the same network. */
  publish(network: Network, container: NamedContainer): Promise<void>;
  withdraw(network: Network, containerId: string): Promise<void>;
  /** Takes the lines of a network out of the file of a container that goes on without it. */
  clear(network: Network, container: Pick<NamedContainer, 'hosts' | 'hostsLock'>): Promise<void>;
  /** Writes /etc/hosts, /etc/hostname and /etc/resolv.conf of a container, and says where they go. */
  writeFiles(directory: string, options: NameOptions): BindMount[];
  /** Where those of a container go that has them already. */
  filesOf(directory: string): BindMount[];
}

/** What the container verbs need; put together by the engine, faked in tests. */
export interface ContainerContext {
  /** GOCKER_ROOT. */
  root: string;
  /** GOCKER_RUN: what a reboot may forget, the sockets of monitors. */
  runRoot: string;
  syscalls: Syscalls;
  runtime: Runtime;
  /** The name of the storage driver that new containers get. */
  storageDriver(): Promise<string>;
  /** Loads a storage driver at first use; without a name the one that new containers get. */
  storage(name?: string): Promise<StorageDriver>;
  networks: ContainerNetworks;
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

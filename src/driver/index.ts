/**
 * What a driver author needs: the types of `import ... from 'gocker/driver'`.
 *
 * A driver is a module whose default export is a `CreateDriver`. It is declared in its package's package.json
 * under `gocker.drivers.<kind>.<name>`; gocker's own drivers are declared in the same way.
 * Every argument and result is plain JSON, so that gocker can store it and hand it back later.
 */

import type { FlowQuery } from '../../native/netlink/conntrack.ts';
import type { Netlink } from '../../native/netlink/index.ts';
import type { Nftables } from '../../native/netlink/nftables.ts';
import type { Syscalls } from '../../native/syscalls.ts';

export type { FlowQuery } from '../../native/netlink/conntrack.ts';
export type { Address, Link, Neighbour, Netlink, NewLink, Route } from '../../native/netlink/index.ts';
export type { Nftables, NftablesElement } from '../../native/netlink/nftables.ts';
export type { Syscalls } from '../../native/syscalls.ts';
export { formatAddress, parseAddress, parsePrefix } from './address.ts';

/** The version of this contract; package.json's `gocker.api` must equal it. */
export const DRIVER_API = 1;

/** `sha256:` and 64 hex digits; the digest of the uncompressed layers up to this one (OCI image spec, config.md). */
export type ChainID = string & { readonly __brand: 'ChainID' };

/**
 * One mount(2), as data. Drivers never mount: gocker does, in the container's own mount namespace.
 * `bind`: `source` is a directory. `overlay`: `options` holds absolute `lowerdir=` (top first, separated by `:`),
 * and for writable ones `upperdir=` and `workdir=`.
 */
export interface Mount {
  type: 'bind' | 'overlay' | (string & {});
  source: string;
  /** Where it goes, relative to the root of what is mounted; the root itself when absent. */
  target?: string;
  options: string[];
}

/** What gocker lends a driver. */
export interface DriverHost {
  /** A directory of the driver's own, absolute, mode 0700; it may not exist yet. */
  root: string;
  syscalls: Syscalls;
  /**
   * rtnetlink of gocker's own network namespace, or of the one that a path such as /proc/PID/ns/net names. The caller
   * closes it.
   */
  netlink(netns?: string): Netlink;
  /**
   * Does `work`, which must be synchronous, inside another network namespace: what it writes below /proc/sys/net and
   * the sockets that it opens are of that one.
   */
  inNetworkNamespace<T>(netns: string, work: () => T): T;
  /** Sets and maps of nf_tables, in gocker's own network namespace. The caller closes it. */
  nftables(): Nftables;
  /** Has the kernel forget flows of packets, so that their next ones are judged by the rules of now. */
  forgetFlows(query: FlowQuery): void;
  /**
   * Runs a host program by absolute path, without a shell and with a clean environment; `input` is all that it finds on
   * stdin. Resolves to its stdout.
   */
  run(file: string, args: string[], input?: string): Promise<string>;
  /** One line for the person at the terminal, on stderr. */
  log(message: string): void;
}

/** The default export of a driver module. `options` come from `--storage-opt` or `-o`. */
export type CreateDriver<D> = (host: DriverHost, options: Record<string, string>) => D;

export interface Snapshot {
  /** The key of an active snapshot or a view, the chainID of a committed one. */
  name: string;
  parent?: ChainID;
  kind: 'active' | 'view' | 'committed';
}

export interface Usage {
  /** What its files hold that are not as in the snapshot below. */
  bytes: number;
  inodes: number;
}

/** One path of a snapshot that is not as in the one below. */
export interface Change {
  kind: 'added' | 'changed' | 'deleted';
  path: string;
}

/**
 * Keeps root file systems as stacks of snapshots. A layer's life: `prepare(key)`, gocker unpacks into the mounts it
 * got, `commit(key, chainID, parent)`. A container's: `prepare(id, chainID)`, later `remove(id)`.
 */
export interface StorageDriver {
  /**
   * True when `commit` may name the parent that `prepare` did not: then gocker unpacks all layers of an image in
   * parallel, each prepared without a parent.
   */
  readonly rebase: boolean;
  /** Throws DriverUnavailableError, with a hint, when this host cannot run the driver. */
  probe(): Promise<void>;
  /** A new writable snapshot on top of a committed one. Throws ConflictError when the key exists. */
  prepare(key: string, parent?: ChainID): Promise<Mount[]>;
  /** The same, read-only and never committed. */
  view(key: string, parent: ChainID): Promise<Mount[]>;
  /** The mounts of an existing snapshot again, after a crash or for another process. Throws NotFoundError. */
  mounts(key: string): Promise<Mount[]>;
  /**
   * Freezes an active snapshot under its chainID. That the name exists already is success: another pull won the race,
   * and the active one is removed. `parent` may be given only where `rebase` is true.
   */
  commit(key: string, name: ChainID, parent?: ChainID): Promise<void>;
  /**
   * Gives a committed snapshot the files of an active one, whose key is free then; what stands on it stays. For
   * `image verify --repair`; without it a damaged layer is mended only when nothing stands on it.
   */
  replace?(key: string, name: ChainID, parent?: ChainID): Promise<void>;
  stat(name: string): Promise<Snapshot | undefined>;
  /** What the snapshot itself takes, parents not counted. */
  usage(name: string): Promise<Usage>;
  /**
   * Bytes of the disk that are free when the snapshot is gone, as du(1) counts; 0 when there is none. Without it the bytes
   * of `usage` are taken.
   */
  disk?(name: string): Promise<number>;
  /**
   * What a writable snapshot differs in from the one it stands on; paths begin with `/`. A driver may leave it out: then
   * `gocker diff` says so.
   */
  changes?(key: string): Promise<Change[]>;
  /** Idempotent. Throws ConflictError while a child exists. */
  remove(name: string): Promise<void>;
  list(): AsyncIterable<Snapshot>;
}

/** One range of addresses of a network; at most one of IPv4 and one of IPv6. */
export interface Subnet {
  /** `172.29.0.0/16`; a driver chooses one where it is absent. */
  subnet?: string;
  /** An address of the subnet without a prefix length; its first one when absent. */
  gateway?: string;
  /** Addresses are handed out from here alone; part of the subnet. */
  ipRange?: string;
}

/** A network as its record says; drivers fill in what is open. */
export interface Network {
  /** 64 hex digits. */
  id: string;
  name: string;
  driver: string;
  subnets: Subnet[];
  ipv6: boolean;
  /** Without a way out: no default route, no NAT. */
  internal: boolean;
  /** From `-o KEY=VALUE`. */
  options: Record<string, string>;
}

/** One port of a container that is reached by one of the host. */
export interface PublishedPort {
  /** An address of the host; `0.0.0.0` and `::` are all of that family. */
  hostIp: string;
  /** 0 where the driver is to choose a free one. */
  hostPort: number;
  containerPort: number;
  protocol: 'tcp' | 'udp' | 'sctp';
}

/** A container's side of an attachment: where the driver puts an interface, and what was asked for it. */
export interface Endpoint {
  containerId: string;
  /** A path that names the network namespace, as /proc/PID/ns/net; absent for drivers that share the host's. */
  netns?: string;
  ifname: string;
  aliases: string[];
  /** Wanted addresses without prefix length, from `--ip` and `--ip6`; the driver chooses for the other family. */
  addresses: string[];
  mac?: string;
  ports: PublishedPort[];
  /** The container's default routes lead through this network. */
  isGateway: boolean;
}

/** What `attach` made, as data: stored by gocker and handed back to `detach`. */
export interface Attachment {
  containerId: string;
  interfaces: { name: string; mac?: string }[];
  /** With prefix length. */
  addresses: string[];
  routes: { to: string; via?: string }[];
  dns: string[];
  /** As they were made: no host port is 0. */
  ports: PublishedPort[];
  /** The driver's own, opaque to gocker. */
  state: Record<string, unknown>;
}

export interface NetworkDriver {
  /** `private`: the container gets a network namespace of its own; `host`: it keeps the host's. */
  readonly namespace: 'private' | 'host';
  /** Throws DriverUnavailableError, with a hint, when this host cannot run the driver. */
  probe(): Promise<void>;
  /** Fills in and reserves what is left open (subnet, gateway); makes nothing per container. */
  create(network: Network): Promise<Network>;
  /** Idempotent. */
  remove(network: Network): Promise<void>;
  /**
   * Safe beside any number of others at once. What it reserves carries the container's ID, so that a process killed in the
   * middle leaves nothing that `detach` or `prune` do not find.
   */
  attach(network: Network, endpoint: Endpoint): Promise<Attachment>;
  /**
   * Idempotent; succeeds when the network namespace is already gone. Of an attachment that was cut off, only the
   * container's ID is known.
   */
  detach(network: Network, attachment: Attachment | Pick<Attachment, 'containerId'>): Promise<void>;
  /** Releases all that is not of these containers (IDs), which live; takes the place of a daemon's clean-up. */
  prune(network: Network, alive: string[]): Promise<void>;
}

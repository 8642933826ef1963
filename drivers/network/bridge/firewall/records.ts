/**
 * What the firewall shall let through, on the disk: from here the table is made again after somebody flushed it, and here
 * is found what a killed process had published.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DriverHost, PublishedPort } from '../../../../src/driver/index.ts';
import { hasCode } from '../../../../src/errors.ts';
import { replace } from '../../../replace.ts';

/** What the firewall has to know of a network. */
export interface GuardedNetwork {
  id: string;
  /** The bridge's interface. */
  bridge: string;
  /** Nothing comes in or goes out. */
  internal: boolean;
  /** What leaves it gets an address of the host. */
  masquerade: boolean;
}

/** The ports that one container has published through one network. */
export interface Publication {
  containerId: string;
  networkId: string;
  /** For the person who wants the same port. */
  name: string;
  /** Its network namespace, by which one that was never withdrawn is known to be over. */
  netns: Namespace;
  addresses: string[];
  ports: PublishedPort[];
}

/** A network namespace: the path of it, what was found there, in which run of the kernel. */
export interface Namespace {
  path: string;
  inode: number;
  boot: string;
}

const folderOf = (host: DriverHost) => join(host.root, 'firewall');
const networkFile = (host: DriverHost, id: string) => join(folderOf(host), 'networks', `${id}.json`);
const portsFile = (
  host: DriverHost,
  { containerId, networkId }: Pick<Publication, 'containerId' | 'networkId'>,
) => join(folderOf(host), 'ports', `${containerId}.${networkId}.json`);

/** The lock of all records; its folder exists then. */
export function lockFile(host: DriverHost): string {
  mkdirSync(folderOf(host), { recursive: true, mode: 0o700 });
  return join(folderOf(host), 'lock');
}

export function readNetwork(host: DriverHost, id: string): GuardedNetwork | undefined {
  return read(networkFile(host, id));
}

export function listNetworks(host: DriverHost): GuardedNetwork[] {
  return list(join(folderOf(host), 'networks'));
}

export function writeNetwork(host: DriverHost, network: GuardedNetwork): void {
  write(networkFile(host, network.id), network);
}

export function removeNetwork(host: DriverHost, id: string): void {
  rmSync(networkFile(host, id), { force: true });
}

export function readPublication(
  host: DriverHost,
  of: Pick<Publication, 'containerId' | 'networkId'>,
): Publication | undefined {
  return read(portsFile(host, of));
}

export function listPublications(host: DriverHost): Publication[] {
  return list(join(folderOf(host), 'ports'));
}

export function writePublication(host: DriverHost, publication: Publication): void {
  write(portsFile(host, publication), publication);
}

export function removePublication(
  host: DriverHost,
  of: Pick<Publication, 'containerId' | 'networkId'>,
): void {
  rmSync(portsFile(host, of), { force: true });
}

/** What a later look tells from another namespace at the same path. */
export function identify(path: string): Namespace {
  return { path, inode: statSync(path).ino, boot: bootId() };
}

/** Whether the container that published still has its network. */
export function isLiving({ netns }: Publication): boolean {
  if (netns.boot !== bootId()) return false;
  return unlessMissing(undefined, () => statSync(netns.path).ino) === netns.inode;
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function list<T>(folder: string): T[] {
  return names(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => read<T>(join(folder, name)))
    .filter((record) => record !== undefined);
}

function names(folder: string): string[] {
  return unlessMissing([], () => readdirSync(folder));
}

function read<T>(file: string): T | undefined {
  return unlessMissing(undefined, () => JSON.parse(readFileSync(file, 'utf8')) as T);
}

function write(file: string, record: object): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  replace(file, JSON.stringify(record));
}

function unlessMissing<T>(missing: T, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return missing;
    throw error;
  }
}

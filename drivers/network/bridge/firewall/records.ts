/**
 * What the firewall shall let through, on the disk: from here the table is made again after somebody flushed it, and here
 * is found what a killed process had published.
 */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DriverHost, PublishedPort } from '../../../../src/driver/index.ts';
import { hasCode } from '../../../../src/errors.ts';
import { readJSON } from '../../../read-json.ts';
import { replace } from '../../../replace.ts';
import { bootId } from '../../addresses/maker.ts';

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
  /** The process that holds the ports, as long as it lives. */
  holder: string;
  addresses: string[];
  ports: PublishedPort[];
}

/** A network namespace: the path of it, what was found there, in which run of the kernel. */
export interface Namespace {
  path: string;
  inode: number;
  boot: string;
}

/** Where all of it is. */
export const folderOf = (host: DriverHost) => join(host.root, 'firewall');
const networkFile = (host: DriverHost, id: string) => join(folderOf(host), 'networks', `${id}.json`);
const portsFolder = (host: DriverHost) => join(folderOf(host), 'ports');

/** The lock of all records; its folder exists then. */
export function lockFile(host: DriverHost): string {
  mkdirSync(folderOf(host), { recursive: true, mode: 0o700 });
  return join(folderOf(host), 'lock');
}

export function readNetwork(host: DriverHost, id: string): GuardedNetwork | undefined {
  return readJSON(networkFile(host, id));
}

export function listNetworks(host: DriverHost): GuardedNetwork[] {
  return list(join(folderOf(host), 'networks'), readJSON<GuardedNetwork>);
}

export function writeNetwork(host: DriverHost, network: GuardedNetwork): void {
  write(networkFile(host, network.id), network);
}

export function removeNetwork(host: DriverHost, id: string): void {
  rmSync(networkFile(host, id), { force: true });
}

/** One container's, through one network. */
export type Which = Pick<Publication, 'containerId' | 'networkId'>;

/** Whether there is a record, sound or not. */
export function isPublished(host: DriverHost, which: Which): boolean {
  return namesOf(host, which).length > 0;
}

export function readPublication(host: DriverHost, which: Which): Publication | undefined {
  const [name] = namesOf(host, which);
  return name === undefined ? undefined : readIntact(join(portsFolder(host), name));
}

export function listPublications(host: DriverHost): Publication[] {
  return list(portsFolder(host), readIntact<Publication>);
}

/** Whose records there are, sound or not; nothing is read but names of files. */
export function listPublishers(host: DriverHost): (Which & { addresses: string[] })[] {
  return jsonIn(portsFolder(host)).map((name) => {
    const [containerId = '', networkId = '', ...addresses] = name.replace(/\.json$/, '').split('_');
    return { containerId, networkId, addresses };
  });
}

/** Other containers' that have one of these addresses. */
export function findByAddress(
  host: DriverHost,
  { containerId, networkId }: Which,
  addresses: string[],
): Which[] {
  return listPublishers(host)
    .filter((one) => one.networkId === networkId && one.containerId !== containerId)
    .filter((one) => one.addresses.some((address) => addresses.includes(address)));
}

export function writePublication(host: DriverHost, publication: Publication): void {
  const { containerId, networkId, addresses } = publication;
  const name = [containerId, networkId, ...addresses].join('_');
  write(join(portsFolder(host), `${name}.json`), publication);
}

export function removePublication(host: DriverHost, which: Which): void {
  for (const name of namesOf(host, which)) rmSync(join(portsFolder(host), name), { force: true });
}

function namesOf(host: DriverHost, { containerId, networkId }: Which): string[] {
  const start = `${containerId}_${networkId}_`;
  return jsonIn(portsFolder(host)).filter((name) => name.startsWith(start));
}

/** What a later look tells from another namespace at the same path. */
export function identify(netns: Omit<Namespace, 'boot'>): Namespace {
  return { ...netns, boot: bootId() };
}

/** Whether the container that published still has its network. */
export function isLiving({ netns }: Publication): boolean {
  if (netns.boot !== bootId()) return false;
  return unlessMissing(undefined, () => statSync(netns.path).ino) === netns.inode;
}

function list<T>(folder: string, read: (file: string) => T | undefined): T[] {
  return jsonIn(folder)
    .map((name) => read(join(folder, name)))
    .filter((record) => record !== undefined);
}

function jsonIn(folder: string): string[] {
  return unlessMissing([], () => readdirSync(folder)).filter((name) => name.endsWith('.json'));
}

/**
 * Undefined for a damaged record, too: a loss of power makes such, and what they told of - rules, sockets, containers - ended
 * with it.
 */
export function readIntact<T>(file: string): T | undefined {
  try {
    return readJSON(file);
  } catch (error) {
    if (hasCode(error, 'STATE_DAMAGED')) return undefined;
    throw error;
  }
}

function write(file: string, record: object): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  replace(file, JSON.stringify(record));
}

/** What is asked for when it may be gone. */
export function unlessMissing<T>(missing: T, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return missing;
    throw error;
  }
}

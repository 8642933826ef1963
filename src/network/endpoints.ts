/** Who is known by name on a network: a file for each container, and the lines that they make in the others' /etc/hosts. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { hasCode } from '../errors.ts';
import { writeFileAtomic } from '../store/atomic.ts';
import { readRecord } from '../store/record.ts';
import type { NetworkContext } from './context.ts';
import { type HostLine, namesForOthers, withBlock } from './hosts-file.ts';
import { endpointsOf, hostsLockOf } from './paths.ts';
import { isPredefined } from './predefined.ts';
import { rewriteInPlace } from './rewrite.ts';
import type { NetworkRecord } from './schema.ts';

type Named = Pick<NetworkRecord, 'id' | 'name'>;

const endpointSchema = v.object({
  containerId: v.string(),
  /** What the container is called in its own file, its host name first. */
  ownNames: v.array(v.string()),
  /** What others on the network call it. */
  names: v.array(v.string()),
  /** Without prefix length. */
  addresses: v.array(v.string()),
  /** The container's hosts file, and the lock of whoever writes it. */
  hosts: v.string(),
  hostsLock: v.string(),
});

/** A container's names and addresses on one network. */
export type NamedEndpoint = v.InferOutput<typeof endpointSchema>;

const KIND = {
  schema: endpointSchema,
  version: 1,
  hint: 'remove it: the next start of the container makes it anew',
};

/** docker's rule: on the default network containers do not know each other by name. */
export function hasNames({ name }: Pick<NetworkRecord, 'name'>): boolean {
  return !isPredefined(name);
}

/** Writes the container's own addresses into its file, and its names into those of the others; theirs into its own. */
export async function publishEndpoint(
  context: NetworkContext,
  network: Named,
  endpoint: NamedEndpoint,
): Promise<void> {
  if (!hasNames(network)) return await writeBlock(context, network, { endpoint, lines: ownLines(endpoint) });
  const directory = endpointsOf(context.root, network.id);
  await whileWriting(context, network, async () => {
    const text = JSON.stringify({ version: 1, ...endpoint });
    await writeFileAtomic(join(directory, endpoint.containerId), text, { durable: false });
    await writeAll(context, network);
  });
}

/** Takes the names of a container away from the others. Idempotent. */
export async function withdrawEndpoint(
  context: NetworkContext,
  network: Named,
  containerId: string,
): Promise<void> {
  if (!hasNames(network)) return;
  await whileWriting(context, network, async () => {
    rmSync(join(endpointsOf(context.root, network.id), containerId), { force: true });
    await writeAll(context, network);
  });
}

/** Takes the lines of a network out of the file of a container that goes on without it. */
export async function clearOwnLines(
  context: NetworkContext,
  network: Named,
  endpoint: Pick<NamedEndpoint, 'hosts' | 'hostsLock'>,
): Promise<void> {
  await writeBlock(context, network, { endpoint, lines: [] });
}

/** A network that is gone has no names. */
async function whileWriting(
  context: NetworkContext,
  network: Named,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await context.withLock(hostsLockOf(context.root, network.id), work);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

async function writeAll(context: NetworkContext, network: Named): Promise<void> {
  const endpoints = await readEndpoints(context.root, network);
  for (const endpoint of endpoints) {
    const others = endpoints.filter((one) => one !== endpoint).flatMap(linesForOthers);
    await writeBlock(context, network, { endpoint, lines: [...ownLines(endpoint), ...others] });
  }
}

/** A container on several networks has a block of each, and its file one writer at a time. */
async function writeBlock(
  context: NetworkContext,
  network: Named,
  { endpoint, lines }: { endpoint: Pick<NamedEndpoint, 'hosts' | 'hostsLock'>; lines: HostLine[] },
): Promise<void> {
  try {
    await context.withLock(endpoint.hostsLock, async () =>
      rewriteInPlace(endpoint.hosts, (text) => withBlock(text, network.name, lines)),
    );
  } catch (error) {
    // The container is gone, and whoever removes it is about to take its names away too.
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

async function readEndpoints(root: string, network: Named): Promise<NamedEndpoint[]> {
  const directory = endpointsOf(root, network.id);
  const ids = readdirSync(directory).filter((name) => /^[0-9a-f]{64}$/.test(name));
  const endpoints = ids.map((id) => readEndpoint(join(directory, id))).filter((one) => one !== undefined);
  return endpoints.sort((a, b) => ((a.names[0] ?? '') < (b.names[0] ?? '') ? -1 : 1));
}

/** One that a loss of power has damaged is of a container that does not run any more. */
function readEndpoint(path: string): NamedEndpoint | undefined {
  try {
    return readRecord(path, KIND);
  } catch (error) {
    if (!hasCode(error, 'RECORD_DAMAGED')) throw error;
    return undefined;
  }
}

function ownLines({ addresses, ownNames }: NamedEndpoint): HostLine[] {
  return addresses.map((address) => ({ address, names: ownNames }));
}

function linesForOthers({ addresses, names }: NamedEndpoint): HostLine[] {
  const known = namesForOthers(names);
  return known.length === 0 ? [] : addresses.map((address) => ({ address, names: known }));
}

import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import { writeFileAtomic } from '../store/atomic.ts';
import { namesIn } from '../store/names-in.ts';
import { readRecord } from '../store/record.ts';
import { directoryOf, networksOf, parseStaged, stagedOf } from './paths.ts';
import { NETWORK_VERSION, type NetworkRecord, networkSchema } from './schema.ts';

const FILE = 'network.json';
const ID = /^[0-9a-f]{64}$/;
const KIND = {
  schema: networkSchema,
  version: NETWORK_VERSION,
  hint: 'put it right, or remove its directory when no container uses the network',
};

/** Undefined when there is no such network. Throws RECORD_DAMAGED or RECORD_TOO_NEW. */
export function readNetwork(root: string, id: string): NetworkRecord | undefined {
  return readFrom(directoryOf(root, id));
}

/** All that were written down, in no order. */
export async function readNetworks(root: string): Promise<NetworkRecord[]> {
  const ids = namesIn(networksOf(root)).filter((name) => ID.test(name));
  return ids.map((id) => readNetwork(root, id)).filter((network) => network !== undefined);
}

/** A network that nobody lists yet. */
export async function writeStaged(root: string, network: NetworkRecord): Promise<void> {
  const directory = stagedOf(root, network.id);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await writeFileAtomic(join(directory, FILE), `${JSON.stringify(network, null, 2)}\n`);
}

/** From now on it is there. */
export async function publishStaged(root: string, id: string): Promise<void> {
  renameSync(stagedOf(root, id), directoryOf(root, id));
}

/** The networks whose making or removal is not finished; one whose record was never written has only an ID. */
export async function readStaged(
  root: string,
): Promise<{ id: string; network: NetworkRecord | undefined }[]> {
  const ids = namesIn(networksOf(root))
    .map(parseStaged)
    .filter((id) => id !== undefined);
  return ids.map((id) => ({ id, network: readFrom(stagedOf(root, id)) }));
}

function readFrom(directory: string): NetworkRecord | undefined {
  try {
    return readRecord(join(directory, FILE), KIND);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

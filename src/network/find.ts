import { ConflictError, NotFoundError } from '../errors.ts';
import { quoted } from '../image/printable.ts';
import type { NetworkContext } from './context.ts';
import { isPredefined, PREDEFINED, predefinedId, predefinedNetwork } from './predefined.ts';
import { readNetwork, readNetworks } from './record.ts';
import type { NetworkRecord } from './schema.ts';

type Place = Pick<NetworkContext, 'root' | 'now'>;

/** All networks by name: those that were made, and the predefined ones, which are always there. */
export async function listNetworks({ root, now }: Place): Promise<NetworkRecord[]> {
  const recorded = await readNetworks(root);
  const rest = PREDEFINED.filter((name) => !recorded.some((one) => one.name === name));
  const all = [...recorded, ...rest.map((name) => predefinedNetwork(root, name, now()))];
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The network that `text` names: by full ID, by name, or by a prefix of the ID that fits no other (moby, FindNetwork).
 * Throws NETWORK_NOT_FOUND or AMBIGUOUS_ID.
 */
export async function findNetwork(place: Place, text: string): Promise<NetworkRecord> {
  const name = text === 'default' ? 'bridge' : text;
  if (isPredefined(name)) {
    const id = predefinedId(place.root, name);
    return readNetwork(place.root, id) ?? predefinedNetwork(place.root, name, place.now());
  }
  const networks = await listNetworks(place);
  const exact = networks.find(({ id }) => id === name) ?? networks.find((one) => one.name === name);
  if (exact) return exact;
  const fitting = /^[0-9a-f]+$/.test(name) ? networks.filter(({ id }) => id.startsWith(name)) : [];
  if (fitting.length === 1) return fitting[0]!;
  if (fitting.length === 0) throw networkNotFound(text);
  const list = fitting.map((one) => `${one.id.slice(0, 12)} (${one.name})`).join(', ');
  throw new ConflictError('AMBIGUOUS_ID', `${text} fits several networks: ${list}`, {
    hint: 'give more digits of the ID, or the name',
  });
}

export function networkNotFound(text: string): NotFoundError {
  return new NotFoundError('NETWORK_NOT_FOUND', `network ${quoted(text)} not found`, {
    hint: 'list them with: gocker network ls; make one with: gocker network create NAME',
  });
}

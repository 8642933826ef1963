/** A network on disk: `networks/<id>/network.json`. The schema is the type; a version above ours is refused. */
import * as v from 'valibot';
import type { Network } from '../driver/index.ts';

export const NETWORK_VERSION = 1;

const text = v.string();

export const networkSchema = v.object({
  version: v.literal(NETWORK_VERSION),
  id: v.pipe(text, v.regex(/^[0-9a-f]{64}$/)),
  name: text,
  driver: text,
  /** ISO 8601. */
  created: text,
  subnets: v.array(
    v.object({
      subnet: v.exactOptional(text),
      gateway: v.exactOptional(text),
      ipRange: v.exactOptional(text),
    }),
  ),
  ipv6: v.boolean(),
  internal: v.boolean(),
  labels: v.record(text, text),
  options: v.record(text, text),
});

/** A network as its record has it; the driver's contract knows no more than `Network` of it. */
export type NetworkRecord = v.InferOutput<typeof networkSchema>;

/** The part that a driver is handed. */
export function forDriver({ version: _1, created: _2, labels: _3, ...network }: NetworkRecord): Network {
  return network;
}

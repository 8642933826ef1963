import { buildImage, buildIndex } from '../../fixtures/image.ts';
import type { Behaviour } from '../../fixtures/registry.ts';

export const noise = Buffer.alloc(100_000);
for (let at = 0; at < noise.length; at += 4) noise.writeUInt32LE(at, at);

/** `a:1` of the registry with a fault. */
export const image = buildImage({
  layers: [
    { entries: [{ name: 'big', body: noise }], compression: 'none' },
    { entries: [{ name: 'small' }] },
  ],
});
export const index = buildIndex([image]);
export const [layer] = image.layers as [(typeof image.layers)[0]];

/** What a registry is asked for, one after the other. */
export const PLACES = {
  token: '/token',
  index: /^\/v2\/a\/manifests\/1$/,
  manifest: /^\/v2\/a\/manifests\/sha256:/,
  config: `/v2/a/blobs/${image.config.digest}`,
  layer: `/v2/a/blobs/${layer.digest}`,
};
export type Place = keyof typeof PLACES;

export interface Fault {
  place: Place;
  name: string;
  behaviour: Behaviour;
  /** The error's while the fault lasts. */
  code: string;
  /** Once is no fault at all: it is tried again. */
  passes: boolean;
}

/** The same rows for several places. */
export function faults(
  at: Place[],
  rows: [name: string, behaviour: Behaviour, code: string][],
  passes: boolean,
): Fault[] {
  return at.flatMap((place) =>
    rows.map(([name, behaviour, code]) => ({ place, name, behaviour, code, passes })),
  );
}

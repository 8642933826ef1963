import { createHash } from 'node:crypto';
import type { ChainID } from '../driver/index.ts';
import type { Digest } from './digest.ts';

/**
 * One chainID per diffID, bottom first: the first is the diffID itself, each further one the sha256 of
 * `<chainID below> <diffID>` (OCI config.md, "Layer ChainID").
 */
export function chainIDs(diffIDs: readonly Digest[]): ChainID[] {
  const chain: ChainID[] = [];
  for (const diffID of diffIDs) {
    const below = chain.at(-1);
    chain.push((below === undefined ? diffID : sha256(`${below} ${diffID}`)) as string as ChainID);
  }
  return chain;
}

function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

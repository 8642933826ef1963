/** The program nft: started when gocker's table has to be made, and never else. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DriverHost } from '../../../../src/driver/index.ts';

/** No other place is looked at: what PATH says is the caller's. */
const PLACES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin'];

/** Its absolute path; undefined where it is not installed. */
export function findNft(): string | undefined {
  return PLACES.map((place) => join(place, 'nft')).find((file) => existsSync(file));
}

/** Has it do what `text` says, all or nothing. */
export async function runNft(host: DriverHost, nft: string, text: string): Promise<void> {
  await host.run(nft, ['-f', '-'], text);
}

/** A chain that the kernel calls for packets. */
export interface BaseChain {
  family: string;
  table: string;
  name: string;
  hook?: string;
  policy?: string;
}

/** All chains of all tables, as `nft -j list chains` tells them; those that hang on no hook too. */
export async function listChains(host: DriverHost, nft: string): Promise<BaseChain[]> {
  const { nftables } = JSON.parse(await host.run(nft, ['-j', 'list', 'chains'])) as {
    nftables: { chain?: BaseChain }[];
  };
  return nftables.map(({ chain }) => chain).filter((chain) => chain !== undefined);
}

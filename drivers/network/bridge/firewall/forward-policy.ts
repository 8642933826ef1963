import type { DriverHost } from '../../../../src/driver/index.ts';
import { type BaseChain, listChains } from './nft.ts';
import { TABLE } from './table.ts';

/**
 * Says which other tables drop what is forwarded unless they know better: an accept of ours is none of theirs, and theirs
 * is not for us to change.
 */
export async function warnOfForwardPolicy(host: DriverHost, nft: string, bridge: string): Promise<void> {
  const chains = await listChains(host, nft);
  for (const chain of chains.filter(dropsForwarded)) host.log(warning(chain, chains, bridge));
}

function dropsForwarded({ hook, policy, table }: BaseChain): boolean {
  return hook === 'forward' && policy === 'drop' && table !== TABLE;
}

function warning(chain: BaseChain, chains: BaseChain[], bridge: string): string {
  const { family, table, name } = chain;
  const where = `chain ${name} of table ${family} ${table}`;
  return `packets of ${bridge} are dropped by ${where}; let them through with: ${remedy(chain, chains, bridge)}`;
}

/** iptables has its own chains for that; docker asks for DOCKER-USER, since it writes its others anew. */
function remedy({ family, table, name }: BaseChain, chains: BaseChain[], bridge: string): string {
  if (name !== 'FORWARD' || table !== 'filter') {
    const insert = (match: string) => `nft insert rule ${family} ${table} ${name} ${match} ${bridge} accept`;
    return `${insert('iifname')}; ${insert('oifname')}`;
  }
  const isDocker = chains.some((one) => one.family === family && one.name === 'DOCKER-USER');
  const program = family === 'ip6' ? 'ip6tables' : 'iptables';
  const insert = `${program} -I ${isDocker ? 'DOCKER-USER' : 'FORWARD'}`;
  return `${insert} -i ${bridge} -j ACCEPT; ${insert} -o ${bridge} -j ACCEPT`;
}

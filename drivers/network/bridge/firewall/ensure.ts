import type { DriverHost, Nftables, PublishedPort } from '../../../../src/driver/index.ts';
import { DriverUnavailableError, hasCode } from '../../../../src/errors.ts';
import { locked } from '../../../lock.ts';
import { bridgeElement, everyNetworkElement, networkElements } from './elements.ts';
import { warnOfForwardPolicy } from './forward-policy.ts';
import { findNft, runNft } from './nft.ts';
import { publicationElements } from './publication.ts';
import {
  type GuardedNetwork,
  isLiving,
  listNetworks,
  listPublications,
  lockFile,
  type Publication,
  readNetwork,
  writeNetwork,
} from './records.ts';
import { TABLE, tableText, VERSION } from './table.ts';

const INSTALL = 'apt-get install nftables';

/**
 * Sees to it that the firewall knows the network and that all of it stands: the table, this network, and after somebody
 * flushed the rules all others and their ports. Two questions to the kernel when it does. Where nft is needed and missing,
 * that is said, or thrown as NFT_MISSING when the container publishes ports.
 */
export async function guardNetwork(
  host: DriverHost,
  network: GuardedNetwork,
  ports: PublishedPort[],
): Promise<void> {
  const stands = withNftables(host, (nftables) => isStanding(nftables, network));
  if (stands && isSame(readNetwork(host, network.id), network)) return;
  await locked(host, lockFile(host), { mode: 'exclusive', work: () => writeNetwork(host, network) });
  if (await ensureTable(host, network)) await fillTable(host);
  else withoutNft(host, ports);
}

function withoutNft(host: DriverHost, ports: PublishedPort[]): void {
  if (ports.length > 0)
    throw new DriverUnavailableError('NFT_MISSING', 'ports cannot be published: nft is not installed', {
      hint: `install it: ${INSTALL}`,
    });
  host.log(`no NAT, no way out of this host, no walls between networks: nft is not installed (${INSTALL})`);
}

function unmade(cause: unknown): DriverUnavailableError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DriverUnavailableError(
    'FIREWALL_FAILED',
    `table inet ${TABLE} of nftables was not made: ${why}`,
    {
      hint: 'the kernel may lack nf_tables with NAT and fib; other networks do without: --network host or none',
      cause,
    },
  );
}

/** All that the records tell. */
async function fillTable(host: DriverHost): Promise<void> {
  await locked(host, lockFile(host), {
    mode: 'exclusive',
    work: () => withNftables(host, (nftables) => fill(host, nftables)),
  });
}

/** Asks nf_tables, and lets go of it. */
export function withNftables<T>(host: DriverHost, ask: (nftables: Nftables) => T): T {
  const nftables = host.nftables();
  try {
    return ask(nftables);
  } finally {
    nftables.close();
  }
}

function isStanding(nftables: Nftables, { bridge, id }: GuardedNetwork): boolean {
  return nftables.tableComment(TABLE) === VERSION && nftables.hasElement(TABLE, bridgeElement(bridge, id));
}

function isSame(
  recorded: GuardedNetwork | undefined,
  { bridge, internal, masquerade }: GuardedNetwork,
): boolean {
  return recorded?.bridge === bridge && recorded.internal === internal && recorded.masquerade === masquerade;
}

/** False where nft is missing. */
async function ensureTable(host: DriverHost, { bridge }: GuardedNetwork): Promise<boolean> {
  const comment = withNftables(host, (nftables) => nftables.tableComment(TABLE));
  if (comment === VERSION) return true;
  const nft = findNft();
  if (nft === undefined) return false;
  try {
    await runNft(host, nft, tableText({ replacing: comment !== undefined }));
  } catch (error) {
    // Somebody else made it at the same moment.
    if (withNftables(host, (nftables) => nftables.tableComment(TABLE) === VERSION)) return true;
    throw unmade(error);
  }
  await warnOfForwardPolicy(host, nft, bridge);
  return true;
}

/** Last of all the bridges' own elements, which are asked for to learn whether the rest is there. */
function fill(host: DriverHost, nftables: Nftables): void {
  const networks = listNetworks(host);
  const publications = listPublications(host).filter(isLiving);
  nftables.deleteElements(TABLE, networks.flatMap(unwanted));
  for (const publication of publications) republish(nftables, publication);
  nftables.addElements(TABLE, networks.flatMap(networkElements).sort(bridgesLast));
}

/** A port that a container of another root has got meanwhile is lost. */
function republish(nftables: Nftables, publication: Publication): void {
  try {
    nftables.addElements(TABLE, publicationElements(publication));
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

/** What a network of the same bridge may have left. */
function unwanted(network: GuardedNetwork) {
  const wanted = new Set(networkElements(network).map(({ set }) => set));
  return everyNetworkElement(network).filter(({ set }) => !wanted.has(set));
}

function bridgesLast(one: { set: string }, other: { set: string }): number {
  return Number(one.set === 'bridges') - Number(other.set === 'bridges');
}

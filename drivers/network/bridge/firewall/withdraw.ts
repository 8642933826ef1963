import type { DriverHost, Nftables } from '../../../../src/driver/index.ts';
import { release } from './hold.ts';
import { noteLeftover } from './leftover.ts';
import { publicationElements } from './publication.ts';
import { readPublication, removePublication, type Which } from './records.ts';
import { TABLE } from './table.ts';

/** Takes back what was published, the record last. Nothing when nothing is; the caller has the lock. */
export function withdraw(host: DriverHost, nftables: Nftables, which: Which): void {
  const publication = readPublication(host, which);
  if (publication) {
    nftables.deleteElements(TABLE, publicationElements(publication));
    // Else who is talking to it goes on doing so, with whoever gets its address.
    for (const answeredBy of publication.addresses) host.forgetFlows({ answeredBy });
    noteLeftover(host, publication);
  }
  removePublication(host, which);
  release(host, which);
}

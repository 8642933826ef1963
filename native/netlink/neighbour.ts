import { decodeAttributes, encodeAttributes } from './attributes.ts';
import { NDA, NLM_F, NUD_PERMANENT, RTM } from './constants.ts';
import { familyOf, formatAddress, parseAddress } from './ip.ts';
import { formatMac, parseMac } from './link.ts';
import type { Message } from './message.ts';

/** Which MAC an address on a link has. */
export interface Neighbour {
  /** Index of the link. */
  link: number;
  address: string;
  /** Absent while nobody has answered. */
  mac?: string | undefined;
}

/** `struct ndmsg`: family, index of the link, state, flags, type (rtnetlink(7)). */
const HEADER = 12;

/** An entry that stays until it is deleted. */
export function setNeighbourMessage({ link, address, mac }: Required<Neighbour>): Message {
  const lladdr = parseMac(mac ?? '');
  const flags = NLM_F.CREATE | NLM_F.REPLACE;
  return { type: RTM.NEWNEIGH, flags, body: body({ link, address }, { state: NUD_PERMANENT, lladdr }) };
}

export function deleteNeighbourMessage(neighbour: Neighbour): Message {
  return { type: RTM.DELNEIGH, flags: 0, body: body(neighbour, { state: 0 }) };
}

export function getNeighboursMessage(): Message {
  return { type: RTM.GETNEIGH, flags: NLM_F.DUMP, body: Buffer.alloc(HEADER) };
}

export function decodeNeighbour(bytes: Buffer): Neighbour {
  const found = decodeAttributes(bytes.subarray(HEADER));
  const [address, mac] = [found.get(NDA.DST), found.get(NDA.LLADDR)];
  return {
    link: bytes.readInt32LE(4),
    address: address ? formatAddress(address) : '',
    ...(mac?.length === 6 && { mac: formatMac(mac) }),
  };
}

function body({ link, address: textual }: Neighbour, entry: { state: number; lladdr?: Buffer }): Buffer {
  const address = parseAddress(textual);
  const header = Buffer.alloc(HEADER);
  header.writeUInt8(familyOf(address), 0);
  header.writeInt32LE(link, 4);
  header.writeUInt16LE(entry.state, 8);
  return Buffer.concat([
    header,
    encodeAttributes([
      [NDA.DST, address],
      ...(entry.lladdr ? [[NDA.LLADDR, entry.lladdr] as [number, Buffer]] : []),
    ]),
  ]);
}

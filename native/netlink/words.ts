/** Netlink requests in words, for the observer and for errors. */
import { decodeAddress } from './address.ts';
import { decodeAttributes, readU32 } from './attributes.ts';
import { IFLA, IFLA_INFO, NLM_F, RTM, VETH_INFO_PEER } from './constants.ts';
import { decodeLink } from './link.ts';
import { decodeMessages, type Message } from './message.ts';
import { decodeNeighbour } from './neighbour.ts';
import { isNftables, nftablesSubject, nftablesWord } from './nftables-message.ts';
import { decodeRoute } from './route.ts';

type Decode = (bytes: Buffer) => object;

const LINK_HEADER = 16;

/** RTM_NEW*, RTM_DEL* and RTM_GET* of one kind of thing follow each other. */
const KINDS: [first: number, last: number, decode: Decode, header: number][] = [
  [RTM.NEWLINK, RTM.SETLINK, linkRequest, LINK_HEADER],
  [RTM.NEWADDR, RTM.GETADDR, decodeAddress, 8],
  [RTM.NEWROUTE, RTM.GETROUTE, decodeRoute, 12],
  [RTM.NEWNEIGH, RTM.GETNEIGH, decodeNeighbour, 12],
];

/** A link with what only requests say of one: the namespace it goes to, the other end of a pair, the device below. */
function linkRequest(bytes: Buffer): object {
  const found = decodeAttributes(bytes.subarray(LINK_HEADER));
  const link = decodeLink(bytes);
  const peer = link.kind === 'veth' && peerOf(found.get(IFLA.LINKINFO));
  return {
    ...link,
    ...(found.has(IFLA.LINK) && { parent: readU32(found.get(IFLA.LINK)) }),
    ...(found.has(IFLA.NET_NS_FD) && { netns: `fd ${readU32(found.get(IFLA.NET_NS_FD))}` }),
    ...(peer && { peer: decode(RTM.NEWLINK, peer) }),
  };
}

function peerOf(linkInfo: Buffer = Buffer.alloc(0)): Buffer | undefined {
  const data = decodeAttributes(linkInfo).get(IFLA_INFO.DATA);
  return decodeAttributes(data ?? Buffer.alloc(0)).get(VETH_INFO_PEER);
}

/** `RTM_NEWLINK CREATE|EXCL {"name":"gocker0","kind":"bridge"}`; what is no such message as its length. */
export function describeMessages(data: Buffer): string {
  const messages = decodeMessages(data);
  return messages.length > 0 ? messages.map(describe).join(', ') : `[${data.length} bytes]`;
}

/** `RTM_NEWLINK`, `NFT_MSG_NEWSETELEM` and the like; a number for what is none of them. */
export function typeOf({ type, body }: Pick<Message, 'type' | 'body'>): string {
  if (isNftables({ type, body })) return nftablesWord(type);
  const known = Object.entries(RTM).find(([, number]) => number === type);
  return known ? `RTM_${known[0]}` : `netlink ${type}`;
}

/** What a request is about: the name of its link, its address, its destination. */
export function subjectOf({ type, body }: Message): string | undefined {
  if (isNftables({ type, body })) return nftablesSubject(body);
  const told = decode(type, body) as { name?: string; address?: string; to?: string; index?: number };
  return told.name || told.address || told.to || (told.index ? `link ${told.index}` : undefined);
}

function describe(message: Message): string {
  return [typeOf(message), flagWords(message), JSON.stringify(decode(message.type, message.body))]
    .filter(Boolean)
    .join(' ');
}

function flagWords({ type, flags }: Message): string {
  const isGet = type % 4 === RTM.GETLINK % 4;
  if (isGet) return (flags & NLM_F.DUMP) === NLM_F.DUMP ? 'DUMP' : '';
  const names = ['CREATE', 'EXCL', 'REPLACE'] as const;
  return names.filter((name) => (flags & NLM_F[name]) !== 0).join('|');
}

/** Zero, false and empty texts are what a request does not say. */
function decode(type: number, body: Buffer): object {
  const kind = KINDS.find(([first, last]) => type >= first && type <= last);
  if (!kind || body.length < kind[3]) return {};
  return Object.fromEntries(Object.entries(kind[2](body)).filter(([, value]) => Boolean(value)));
}

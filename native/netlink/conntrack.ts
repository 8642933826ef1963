/**
 * Flows that the kernel remembers, and with them where it sends their packets (linux/netfilter/nfnetlink_conntrack.h). A flow
 * keeps its translation for as long as packets come, whatever the rules say meanwhile.
 */
import { readFileSync } from 'node:fs';
import { AF_INET, AF_INET6 } from '../constants.ts';
import type { SocketCalls, Syscalls } from '../syscalls.ts';
import { type Attribute, decodeAttributes, encodeAttributes, u32 } from './attributes.ts';
import { NETLINK_NETFILTER, NLA_F_NESTED, NLM_F } from './constants.ts';
import { familyOf, parseAddress } from './ip.ts';
import type { Message } from './message.ts';
import { type NetlinkSocket, openNetlinkSocket } from './socket.ts';
import { unless } from './unless.ts';

/** Flows that somebody with that address answers; or those to a port, of both families, that are not translated. */
export type FlowQuery = { answeredBy: string } | { protocol: number; port: number };

const SUBSYSTEM = 1;
const MSG = { GET: 1, DELETE: 2 } as const;
const CTA = { ORIG: 1, REPLY: 2, STATUS: 3, ID: 12, FILTER: 25 } as const;
const TUPLE = { IP: 1, PROTO: 2 } as const;
const IP_SOURCE = { [AF_INET]: 1, [AF_INET6]: 3 } as Record<number, number>;
const PROTO = { NUMBER: 1, DESTINATION: 3 } as const;
const FILTER = { ORIG: 1, REPLY: 2 } as const;
/** Which fields of a tuple are compared. */
const COMPARE = { SOURCE: 1 << 0, NUMBER: 1 << 3, DESTINATION_PORT: 1 << 5 } as const;
/** IPS_SRC_NAT and IPS_DST_NAT. */
const TRANSLATED = (1 << 4) | (1 << 5);
const HEADER = 4;
/** What a kernel without connection tracking answers. */
const NOT_TRACKING = ['EOPNOTSUPP', 'EINVAL', 'ENOENT'];

/**
 * Has the kernel forget them, so that the next packet is judged by the rules of now. It looks through all of its table for
 * them, which takes some 10 ms where that is large.
 */
export function forgetFlows(calls: SocketCalls & Pick<Syscalls, 'close'>, query: FlowQuery): void {
  if (countFlows() === 0) return;
  const socket = openNetlinkSocket(calls, NETLINK_NETFILTER);
  try {
    for (const message of queries(query))
      for (const flow of ask(socket, message)) forget(socket, flow, query);
  } finally {
    socket.close();
  }
}

/** In this network namespace; none where the kernel does not track connections. */
function countFlows(): number {
  return unless(['ENOENT'], 0, () =>
    Number(readFileSync('/proc/sys/net/netfilter/nf_conntrack_count', 'utf8')),
  );
}

function queries(query: FlowQuery): Message[] {
  if ('answeredBy' in query) {
    const address = parseAddress(query.answeredBy);
    const family = familyOf(address);
    const tuple: Attribute = [CTA.REPLY, [[TUPLE.IP, [[IP_SOURCE[family]!, address]]]]];
    return [filtered(family, tuple, { orig: 0, reply: COMPARE.SOURCE })];
  }
  const proto: Attribute[] = [
    [PROTO.NUMBER, Buffer.from([query.protocol])],
    [PROTO.DESTINATION, Buffer.from([query.port >> 8, query.port & 0xff])],
  ];
  const flags = { orig: COMPARE.NUMBER | COMPARE.DESTINATION_PORT, reply: 0 };
  return [AF_INET, AF_INET6].map((family) => filtered(family, [CTA.ORIG, [[TUPLE.PROTO, proto]]], flags));
}

function filtered(
  family: number,
  tuple: Attribute,
  { orig, reply }: { orig: number; reply: number },
): Message {
  const flags: Attribute[] = [
    [FILTER.ORIG, u32(orig)],
    [FILTER.REPLY, u32(reply)],
  ];
  return message(MSG.GET, NLM_F.DUMP, { family, attributes: [tuple, [CTA.FILTER | NLA_F_NESTED, flags]] });
}

function ask(socket: NetlinkSocket, query: Message): Buffer[] {
  return unless(NOT_TRACKING, [], () => socket.dump(query));
}

/** By both what it is and its number, so that no other one that came meanwhile is meant. */
function forget(socket: NetlinkSocket, flow: Buffer, query: FlowQuery): void {
  const found = decodeAttributes(flow.subarray(HEADER));
  const status = found.get(CTA.STATUS)?.readUInt32BE() ?? 0;
  if ('port' in query && (status & TRANSLATED) !== 0) return;
  const attributes = [CTA.ORIG, CTA.ID].map((type): Attribute => [type, found.get(type) ?? Buffer.alloc(0)]);
  const request = message(MSG.DELETE, 0, { family: flow.readUInt8(0), attributes });
  unless(['ENOENT'], undefined, () => void socket.send(request));
}

function message(
  type: number,
  flags: number,
  { family, attributes }: { family: number; attributes: Attribute[] },
): Message {
  const header = Buffer.from([family, 0, 0, 0]);
  return {
    type: (SUBSYSTEM << 8) + type,
    flags,
    body: Buffer.concat([header, encodeAttributes(attributes)]),
  };
}

import { AF_INET, AF_INET6 } from '../constants.ts';
import { type Attribute, decodeAttributes, encodeAttributes, readU32, u32 } from './attributes.ts';
import { NLM_F, RT_SCOPE, RT_TABLE, RTA, RTM, RTN_UNICAST, RTPROT_BOOT } from './constants.ts';
import { familyOf, formatAddress, parseAddress, parsePrefix } from './ip.ts';
import type { Message } from './message.ts';

/** A unicast route of the main table. */
export interface Route {
  /** `172.29.0.0/16`, or `default`. */
  to: string;
  via?: string | undefined;
  /** Index of the link it goes out by. */
  link?: number | undefined;
  /** The lower, the sooner it is taken. */
  metric?: number | undefined;
}

/** A route as it is found. */
export interface FoundRoute extends Route {
  table: number;
  unicast: boolean;
}

/**
 * `struct rtmsg`: family, lengths of destination and source, TOS, table, protocol, scope, type, flags (rtnetlink(7)).
 */
const HEADER = 12;

export function addRouteMessage(route: Route): Message {
  return { type: RTM.NEWROUTE, flags: NLM_F.CREATE | NLM_F.EXCL, body: body(route) };
}

export function deleteRouteMessage(route: Route): Message {
  return { type: RTM.DELROUTE, flags: 0, body: body(route) };
}

export function getRoutesMessage(): Message {
  return { type: RTM.GETROUTE, flags: NLM_F.DUMP, body: Buffer.alloc(HEADER) };
}

export function decodeRoute(bytes: Buffer): FoundRoute {
  const found = decodeAttributes(bytes.subarray(HEADER));
  const [destination, gateway] = [found.get(RTA.DST), found.get(RTA.GATEWAY)];
  return {
    to: destination ? `${formatAddress(destination)}/${bytes.readUInt8(1)}` : 'default',
    table: readU32(found.get(RTA.TABLE)) ?? bytes.readUInt8(4),
    unicast: bytes.readUInt8(7) === RTN_UNICAST,
    ...(gateway && { via: formatAddress(gateway) }),
    ...(found.has(RTA.OIF) && { link: readU32(found.get(RTA.OIF)) }),
    ...(found.has(RTA.PRIORITY) && { metric: readU32(found.get(RTA.PRIORITY)) }),
  };
}

function body({ to, via, link, metric }: Route): Buffer {
  const gateway = via === undefined ? undefined : parseAddress(via);
  const target = to === 'default' ? undefined : parsePrefix(to);
  const header = Buffer.alloc(HEADER);
  header.writeUInt8(familyOfRoute(target?.address ?? gateway), 0);
  header.writeUInt8(target?.length ?? 0, 1);
  header.writeUInt8(RT_TABLE.MAIN, 4);
  header.writeUInt8(RTPROT_BOOT, 5);
  header.writeUInt8(gateway ? RT_SCOPE.UNIVERSE : RT_SCOPE.LINK, 6);
  header.writeUInt8(RTN_UNICAST, 7);
  const attributes: (Attribute | undefined)[] = [
    target && [RTA.DST, target.address],
    gateway && [RTA.GATEWAY, gateway],
    link === undefined ? undefined : [RTA.OIF, u32(link)],
    metric === undefined ? undefined : [RTA.PRIORITY, u32(metric)],
  ];
  return Buffer.concat([header, encodeAttributes(attributes.filter((one) => one !== undefined))]);
}

function familyOfRoute(address: Buffer | undefined): typeof AF_INET | typeof AF_INET6 {
  return address === undefined || familyOf(address) === AF_INET ? AF_INET : AF_INET6;
}

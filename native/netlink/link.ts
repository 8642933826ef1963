import { AF_INET6, IFF_UP } from '../constants.ts';
import {
  type Attribute,
  decodeAttributes,
  encodeAttributes,
  readText,
  readU32,
  text,
  u16,
  u32,
} from './attributes.ts';
import {
  IFLA,
  IFLA_BRPORT,
  IFLA_INET6_ADDR_GEN_MODE,
  IFLA_INFO,
  IFLA_IPVLAN,
  IFLA_MACVLAN_MODE,
  IN6_ADDR_GEN_MODE_NONE,
  IPVLAN_FLAG,
  IPVLAN_MODE,
  MACVLAN_MODE,
  NETNSA_NSID,
  NLM_F,
  RTEXT_FILTER_SKIP_STATS,
  RTM,
  VETH_INFO_PEER,
} from './constants.ts';
import type { Message } from './message.ts';

/** A network interface. */
export interface Link {
  index: number;
  name: string;
  up: boolean;
  mtu: number;
  /** `02:42:ac:1d:00:02`; absent where it has none. */
  mac?: string | undefined;
  /** Index of the bridge it is a port of. */
  master?: number | undefined;
  /** `bridge`, `veth`; absent for hardware and lo. */
  kind?: string | undefined;
  /** Of a veth or macvlan whose other end or parent is in another network namespace: the number of that one here. */
  netnsid?: number | undefined;
  /** Words that somebody left on it. */
  alias?: string | undefined;
}

/** What may be said of a link; what is absent stays as it is. */
export interface LinkSettings {
  name?: string;
  up?: boolean;
  mtu?: number;
  mac?: string;
  /** Index of a bridge, 0 for none. */
  master?: number;
  /** Of a bridge's port: what came from it may go back to it. It is a port already when that is told. */
  hairpin?: boolean;
  /** Of a bridge's port: it reaches no other port of which that is told too. */
  isolated?: boolean;
  alias?: string;
  /** It makes no IPv6 address of its own when it comes up; the kernel must have IPv6. */
  withoutLinkLocal?: true;
  /** The network namespace it goes to, by an open fd of it. */
  netns?: { fd: number };
}

export interface NewLink extends LinkSettings {
  name: string;
  kind: string;
  /** The other end of a veth pair. */
  peer?: LinkSettings & { name: string };
  /** Index of the link that a macvlan or an ipvlan sends through, in the namespace of the request. */
  parent?: number;
  macvlan?: { mode: keyof typeof MACVLAN_MODE };
  ipvlan?: { mode: keyof typeof IPVLAN_MODE; flag: keyof typeof IPVLAN_FLAG };
}

/** A link by its name or its index. */
export type LinkName = string | number;

/** `struct ifinfomsg`: family, type, index, flags, which flags are meant (rtnetlink(7)). */
const HEADER = 16;

export function createLinkMessage(link: NewLink): Message {
  const data = kindData(link);
  const info: Attribute[] = [[IFLA_INFO.KIND, text(link.kind)]];
  if (data.length > 0) info.push([IFLA_INFO.DATA, data]);
  return {
    type: RTM.NEWLINK,
    flags: NLM_F.CREATE | NLM_F.EXCL,
    body: body(0, link, [...parent(link), [IFLA.LINKINFO, info]]),
  };
}

function kindData({ peer, macvlan, ipvlan }: NewLink): Attribute[] {
  if (peer) return [[VETH_INFO_PEER, body(0, peer)]];
  if (macvlan) return [[IFLA_MACVLAN_MODE, u32(MACVLAN_MODE[macvlan.mode])]];
  if (!ipvlan) return [];
  return [
    [IFLA_IPVLAN.MODE, u16(IPVLAN_MODE[ipvlan.mode])],
    [IFLA_IPVLAN.FLAGS, u16(IPVLAN_FLAG[ipvlan.flag])],
  ];
}

function parent({ parent: index }: NewLink): Attribute[] {
  return index === undefined ? [] : [[IFLA.LINK, u32(index)]];
}

export function changeLinkMessage(link: LinkName, settings: LinkSettings): Message {
  return { type: RTM.NEWLINK, flags: 0, body: named(link, settings) };
}

export function deleteLinkMessage(link: LinkName): Message {
  return { type: RTM.DELLINK, flags: 0, body: named(link, {}) };
}

/** One link, or all of them, or the ports of one bridge. */
export function getLinkMessage(which: { link?: LinkName; master?: number } = {}): Message {
  const skip: Attribute = [IFLA.EXT_MASK, u32(RTEXT_FILTER_SKIP_STATS)];
  if (which.link !== undefined) return { type: RTM.GETLINK, flags: 0, body: named(which.link, {}, [skip]) };
  const master = which.master === undefined ? {} : { master: which.master };
  return { type: RTM.GETLINK, flags: NLM_F.DUMP, body: body(0, master, [skip]) };
}

/** `struct rtgenmsg`: a family, padded (rtnetlink(7)). */
const NAMESPACE_HEADER = 4;

/** Asks for another namespace by its number here; the kernel answers that without its lock of links. */
export function getNamespaceMessage(netnsid: number): Message {
  const attributes = encodeAttributes([[NETNSA_NSID, u32(netnsid)]]);
  return { type: RTM.GETNSID, flags: 0, body: Buffer.concat([Buffer.alloc(NAMESPACE_HEADER), attributes]) };
}

export function decodeLink(bytes: Buffer): Link {
  const found = decodeAttributes(bytes.subarray(HEADER));
  const info = decodeAttributes(found.get(IFLA.LINKINFO) ?? Buffer.alloc(0));
  const mac = found.get(IFLA.ADDRESS);
  return {
    index: bytes.readInt32LE(4),
    name: readText(found.get(IFLA.IFNAME)) ?? '',
    up: (bytes.readUInt32LE(8) & IFF_UP) !== 0,
    mtu: readU32(found.get(IFLA.MTU)) ?? 0,
    ...(mac?.length === 6 && { mac: formatMac(mac) }),
    ...(found.has(IFLA.MASTER) && { master: readU32(found.get(IFLA.MASTER)) }),
    ...(info.has(IFLA_INFO.KIND) && { kind: readText(info.get(IFLA_INFO.KIND)) }),
    ...(found.has(IFLA.LINK_NETNSID) && { netnsid: found.get(IFLA.LINK_NETNSID)!.readInt32LE() }),
    ...(found.has(IFLA.IFALIAS) && { alias: readText(found.get(IFLA.IFALIAS)) }),
  };
}

export function parseMac(mac: string): Buffer {
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac)) throw new TypeError(`no MAC: ${JSON.stringify(mac)}`);
  return Buffer.from(mac.replaceAll(':', ''), 'hex');
}

export function formatMac(bytes: Buffer): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** A link that exists: by a name of its own, a new one cannot be told beside it. */
function named(link: LinkName, settings: LinkSettings, more: Attribute[] = []): Buffer {
  if (typeof link === 'number') return body(link, settings, more);
  if (settings.name !== undefined) throw new TypeError('a link is renamed by its index');
  return body(0, { ...settings, name: link }, more);
}

function body(index: number, settings: LinkSettings, more: Attribute[] = []): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeInt32LE(index, 4);
  if (settings.up !== undefined) {
    header.writeUInt32LE(settings.up ? IFF_UP : 0, 8);
    header.writeUInt32LE(IFF_UP, 12);
  }
  return Buffer.concat([header, encodeAttributes([...attributes(settings), ...more])]);
}

function attributes({
  name,
  mtu,
  mac,
  master,
  alias,
  netns,
  withoutLinkLocal,
  ...port
}: LinkSettings): Attribute[] {
  const all: (Attribute | undefined)[] = [
    name === undefined ? undefined : [IFLA.IFNAME, text(name)],
    mac === undefined ? undefined : [IFLA.ADDRESS, parseMac(mac)],
    mtu === undefined ? undefined : [IFLA.MTU, u32(mtu)],
    master === undefined ? undefined : [IFLA.MASTER, u32(master)],
    portOfBridge(port),
    alias === undefined ? undefined : [IFLA.IFALIAS, Buffer.from(alias)],
    withoutLinkLocal && [IFLA.AF_SPEC, [[AF_INET6, [NO_LINK_LOCAL]]]],
    netns && [IFLA.NET_NS_FD, u32(netns.fd)],
  ];
  return all.filter((one) => one !== undefined);
}

const NO_LINK_LOCAL: Attribute = [IFLA_INET6_ADDR_GEN_MODE, Buffer.of(IN6_ADDR_GEN_MODE_NONE)];

function portOfBridge({
  hairpin,
  isolated,
}: Pick<LinkSettings, 'hairpin' | 'isolated'>): Attribute | undefined {
  const data: Attribute[] = [];
  if (hairpin !== undefined) data.push([IFLA_BRPORT.MODE, flag(hairpin)]);
  if (isolated !== undefined) data.push([IFLA_BRPORT.ISOLATED, flag(isolated)]);
  if (data.length === 0) return undefined;
  const info: Attribute[] = [
    [IFLA_INFO.SLAVE_KIND, text('bridge')],
    [IFLA_INFO.SLAVE_DATA, data],
  ];
  return [IFLA.LINKINFO, info];
}

function flag(value: boolean): Buffer {
  return Buffer.from([Number(value)]);
}

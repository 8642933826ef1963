import { AF_INET, AF_INET6 } from '../constants.ts';
import { type Attribute, decodeAttributes, encodeAttributes } from './attributes.ts';
import { IFA, IFA_F_NODAD, NLM_F, RTM } from './constants.ts';
import { familyOf, formatAddress, parsePrefix } from './ip.ts';
import type { Message } from './message.ts';

/** An address of a link. One of IPv6 is used at once: whoever gives it out knows that it is free. */
export interface Address {
  /** Index of the link. */
  link: number;
  /** `172.29.0.2/16`. */
  address: string;
}

/** `struct ifaddrmsg`: family, length of the prefix, flags, scope, index of the link (rtnetlink(7)). */
const HEADER = 8;

export function addAddressMessage(address: Address): Message {
  return { type: RTM.NEWADDR, flags: NLM_F.CREATE | NLM_F.EXCL, body: body(address) };
}

export function deleteAddressMessage(address: Address): Message {
  return { type: RTM.DELADDR, flags: 0, body: body(address) };
}

/** All addresses, or those of one link. */
export function getAddressesMessage(link = 0): Message {
  const body = Buffer.alloc(HEADER);
  body.writeUInt32LE(link, 4);
  return { type: RTM.GETADDR, flags: NLM_F.DUMP, body };
}

export function decodeAddress(bytes: Buffer): Address {
  const found = decodeAttributes(bytes.subarray(HEADER));
  const address = found.get(IFA.LOCAL) ?? found.get(IFA.ADDRESS);
  return {
    link: bytes.readUInt32LE(4),
    address: address ? `${formatAddress(address)}/${bytes.readUInt8(1)}` : '',
  };
}

function body({ link, address: textual }: Address): Buffer {
  const { address, length } = parsePrefix(textual);
  const family = familyOf(address);
  const header = Buffer.alloc(HEADER);
  header.writeUInt8(family, 0);
  header.writeUInt8(length, 1);
  if (family === AF_INET6) header.writeUInt8(IFA_F_NODAD, 2);
  header.writeUInt32LE(link, 4);
  const attributes: Attribute[] = [
    [IFA.LOCAL, address],
    [IFA.ADDRESS, address],
  ];
  if (family === AF_INET && length < 31) attributes.push([IFA.BROADCAST, broadcast(address, length)]);
  return Buffer.concat([header, encodeAttributes(attributes)]);
}

function broadcast(address: Buffer, length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((address.readUInt32BE() | (0xffffffff >>> length)) >>> 0);
  return bytes;
}

/** Messages of nf_tables: linux/netfilter/nf_tables.h and linux/netfilter/nfnetlink.h. Tables are of family inet. */
import {
  type Attribute,
  decodeAttributes,
  encodeAttributes,
  listAttributes,
  readText,
  text,
} from './attributes.ts';
import { NLM_F } from './constants.ts';
import type { Message } from './message.ts';

/** An entry of a set, or of a map where it has a value. */
export interface NftablesElement {
  set: string;
  /** The fields as the kernel holds them, each padded to four bytes. */
  key: Buffer;
  value?: Buffer | undefined;
  /** What `nft list` shows beside it; at most 120 bytes. */
  comment?: string | undefined;
}

const SUBSYSTEM = 10;
const NFPROTO = { UNSPEC: 0, INET: 1 } as const;
const BATCH = { BEGIN: 16, END: 17 } as const;
const MSG = {
  GETTABLE: 1,
  DELTABLE: 2,
  NEWSETELEM: 12,
  GETSETELEM: 13,
  DELSETELEM: 14,
} as const;
/** The same numbers are those of a set's name and of the list of its elements. */
const TABLE_NAME = 1;
const TABLE_USERDATA = 6;
const LIST = { SET: 2, ELEMENTS: 3, ONE: 1 } as const;
const ELEMENT = { KEY: 1, DATA: 2, USERDATA: 6 } as const;
const DATA_VALUE = 1;
/** libnftnl's user data: type, length, value; its first type is a comment that ends with a NUL. */
const USERDATA_COMMENT = 0;
/** `struct nfgenmsg`: family, version, and in network order a resource. */
const HEADER = 4;

export const BEGIN: Message = { type: BATCH.BEGIN, flags: 0, body: header(NFPROTO.UNSPEC, SUBSYSTEM) };
export const END: Message = { type: BATCH.END, flags: 0, body: header(NFPROTO.UNSPEC, SUBSYSTEM) };

export function getTableMessage(table: string): Message {
  return message(MSG.GETTABLE, 0, [[TABLE_NAME, text(table)]]);
}

export function deleteTableMessage(table: string): Message {
  return message(MSG.DELTABLE, 0, [[TABLE_NAME, text(table)]]);
}

/** The comment that a table was made with; empty for one without. */
export function decodeTableComment(body: Buffer): string {
  const userdata = decodeAttributes(body.subarray(HEADER)).get(TABLE_USERDATA);
  if (!userdata || userdata.length < 2 || userdata[0] !== USERDATA_COMMENT) return '';
  return readText(userdata.subarray(2, 2 + userdata[1]!)) ?? '';
}

/** Elements of one set. One that is there with the same value is no failure. */
export function addElementsMessage(table: string, elements: NftablesElement[]): Message {
  return message(MSG.NEWSETELEM, NLM_F.CREATE, listOf(table, elements));
}

/** Elements of one set, by their keys. */
export function deleteElementsMessage(table: string, elements: NftablesElement[]): Message {
  return message(MSG.DELSETELEM, 0, listOf(table, elements.map(keyOnly)));
}

/** Whether one element is there. */
export function getElementMessage(table: string, element: NftablesElement): Message {
  return message(MSG.GETSETELEM, 0, listOf(table, [keyOnly(element)]));
}

/** All elements of a set. */
export function getElementsMessage(table: string, set: string): Message {
  return message(MSG.GETSETELEM, NLM_F.DUMP, [
    [TABLE_NAME, text(table)],
    [LIST.SET, text(set)],
  ]);
}

/** The keys in one answer to `getElementsMessage`. */
export function decodeKeys(body: Buffer): Buffer[] {
  const list = decodeAttributes(body.subarray(HEADER)).get(LIST.ELEMENTS) ?? Buffer.alloc(0);
  return listAttributes(list).map(([, element]) => {
    const key = decodeAttributes(element).get(ELEMENT.KEY) ?? Buffer.alloc(0);
    return decodeAttributes(key).get(DATA_VALUE) ?? Buffer.alloc(0);
  });
}

/** Begin and end of a batch have types that rtnetlink uses too, for messages that are longer. */
export function isNftables({ type, body }: Pick<Message, 'type' | 'body'>): boolean {
  const isBatch = type === BATCH.BEGIN || type === BATCH.END;
  return type >> 8 === SUBSYSTEM || (isBatch && body.length === HEADER);
}

/** `NFT_MSG_NEWSETELEM`; begin and end of a batch are about the batch. */
export function nftablesWord(type: number): string {
  const known = Object.entries(MSG).find(([, number]) => (SUBSYSTEM << 8) + number === type);
  return known ? `NFT_MSG_${known[0]}` : 'nf_tables batch';
}

/** The set, or the table, that a message is about. */
export function nftablesSubject(body: Buffer): string | undefined {
  const found = decodeAttributes(body.subarray(HEADER));
  return readText(found.get(LIST.SET)) || readText(found.get(TABLE_NAME));
}

function keyOnly({ set, key }: NftablesElement): NftablesElement {
  return { set, key };
}

function listOf(table: string, elements: NftablesElement[]): Attribute[] {
  const set = elements[0]?.set ?? '';
  return [
    [TABLE_NAME, text(table)],
    [LIST.SET, text(set)],
    [LIST.ELEMENTS, elements.map((one): Attribute => [LIST.ONE, encodeElement(one)])],
  ];
}

function encodeElement({ key, value, comment }: NftablesElement): Attribute[] {
  const attributes: Attribute[] = [[ELEMENT.KEY, [[DATA_VALUE, key]]]];
  if (value) attributes.push([ELEMENT.DATA, [[DATA_VALUE, value]]]);
  if (comment) attributes.push([ELEMENT.USERDATA, userdata(comment)]);
  return attributes;
}

function userdata(comment: string): Buffer {
  const value = text(comment);
  return Buffer.concat([Buffer.from([USERDATA_COMMENT, value.length]), value]);
}

function message(type: number, flags: number, attributes: Attribute[]): Message {
  const body = Buffer.concat([header(NFPROTO.INET, 0), encodeAttributes(attributes)]);
  return { type: (SUBSYSTEM << 8) + type, flags, body };
}

function header(family: number, resource: number): Buffer {
  const buffer = Buffer.alloc(HEADER);
  buffer.writeUInt8(family, 0);
  buffer.writeUInt16BE(resource, 2);
  return buffer;
}

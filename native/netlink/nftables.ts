/** Elements of nf_tables' sets and maps, without starting nft: 0.1 ms an exchange. Tables are of family inet. */
import { hasCode } from '../../src/errors.ts';
import type { SocketCalls, Syscalls } from '../syscalls.ts';
import { NETLINK_NETFILTER } from './constants.ts';
import type { Message } from './message.ts';
import {
  addElementsMessage,
  BEGIN,
  decodeKeys,
  decodeTableComment,
  deleteElementsMessage,
  deleteTableMessage,
  END,
  getElementMessage,
  getElementsMessage,
  getTableMessage,
  type NftablesElement,
} from './nftables-message.ts';
import { type NetlinkSocket, openNetlinkSocket } from './socket.ts';
import { unless } from './unless.ts';

export type { NftablesElement } from './nftables-message.ts';

/** Each method is done when it returns. What fails throws a SyscallError whose code is the errno's name. */
export interface Nftables {
  /** The comment that the table was made with, empty for one without; undefined when there is no such table. */
  tableComment(table: string): string | undefined;
  /** Removes a table and all in it; nothing when there is none. */
  deleteTable(table: string): void;
  /** False too when there is no such set or table. */
  hasElement(table: string, element: NftablesElement): boolean;
  /** The keys of a set's elements; none when there is no such set or table. */
  keys(table: string, set: string): Buffer[];
  /**
   * All are added or none. One that is there with the same value stays; EEXIST for one with another value,
   * ENOENT when there is no such set.
   */
  addElements(table: string, elements: NftablesElement[]): void;
  /** By their keys; what is not there needs no removing. */
  deleteElements(table: string, elements: NftablesElement[]): void;
  close(): void;
}

const MISSING = ['ENOENT'];
/** A message's list holds 64 KiB at most, an element takes some hundred bytes. */
const PER_MESSAGE = 400;
/** What is sent at once has to fit into the socket's buffer. */
const PER_BATCH = 1000;

/** nf_tables of the network namespace that the calling thread is in. */
export function openNftables(syscalls: SocketCalls & Pick<Syscalls, 'close'>): Nftables {
  const socket = openNetlinkSocket(syscalls, NETLINK_NETFILTER);
  return {
    tableComment: (table) =>
      unless(MISSING, undefined, () => decodeTableComment(socket.send(getTableMessage(table))[0]!)),
    deleteTable: (table) => unless(MISSING, undefined, () => batch(socket, [deleteTableMessage(table)])),
    hasElement: (table, element) => hasElement(socket, table, element),
    keys: (table, set) =>
      unless(MISSING, [], () => socket.dump(getElementsMessage(table, set)).flatMap(decodeKeys)),
    addElements: (table, elements) => addElements(socket, table, elements),
    deleteElements: (table, elements) => deleteElements(socket, table, elements),
    close: () => socket.close(),
  };
}

function hasElement(socket: NetlinkSocket, table: string, element: NftablesElement): boolean {
  return unless(MISSING, false, () => socket.send(getElementMessage(table, element)).length > 0);
}

/** What does not fit into one batch is taken back where a later one is refused; what stood before stays. */
function addElements(socket: NetlinkSocket, table: string, elements: NftablesElement[]): void {
  const [some, rest] = [elements.slice(0, PER_BATCH), elements.slice(PER_BATCH)];
  if (some.length === 0) return;
  const fresh = rest.length === 0 ? [] : some.filter((one) => !hasElement(socket, table, one));
  batch(socket, messages(some, addElementsMessage, table));
  try {
    addElements(socket, table, rest);
  } catch (error) {
    deleteElements(socket, table, fresh);
    throw error;
  }
}

/** All at once; where some are gone already, which the kernel refuses, one by one. */
function deleteElements(socket: NetlinkSocket, table: string, elements: NftablesElement[]): void {
  for (const some of chunks(elements, PER_BATCH)) {
    try {
      batch(socket, messages(some, deleteElementsMessage, table));
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
      if (some.length > 1) for (const one of some) deleteElements(socket, table, [one]);
    }
  }
}

function batch(socket: NetlinkSocket, requests: Message[]): void {
  socket.batch(BEGIN, requests, END);
}

/** One message holds elements of one set. */
function messages(
  elements: NftablesElement[],
  encode: (table: string, elements: NftablesElement[]) => Message,
  table: string,
): Message[] {
  const sets = [...new Set(elements.map(({ set }) => set))];
  return sets
    .flatMap((set) => [
      ...chunks(
        elements.filter((one) => one.set === set),
        PER_MESSAGE,
      ),
    ])
    .map((some) => encode(table, some));
}

function* chunks<T>(all: T[], size: number): Generator<T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}

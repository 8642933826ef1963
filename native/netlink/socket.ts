import { constants } from 'node:os';
import { AF_NETLINK, SOCK } from '../constants.ts';
import { SyscallError } from '../errors.ts';
import type { SocketCalls, Syscalls } from '../syscalls.ts';
import { u32 } from './attributes.ts';
import { NETLINK_OPTION, NETLINK_ROUTE, NLM_F, NLMSG, SOL_NETLINK } from './constants.ts';
import {
  decodeAcknowledgement,
  decodeMessages,
  encodeMessage,
  type Message,
  type Received,
} from './message.ts';
import { subjectOf, typeOf } from './words.ts';

/** Talks to the kernel about the network namespace that the calling thread was in when it was opened. */
export interface NetlinkSocket {
  /**
   * Sends requests in one datagram and waits for their acknowledgements; the answers that came before them. All are
   * tried; throws a SyscallError for the first one that failed, with the kernel's words where it has any.
   */
  send(...messages: Message[]): Buffer[];
  /**
   * The same for nfnetlink's batches: either all of the messages are done or none. Throws a SyscallError for the first
   * that failed.
   */
  batch(begin: Message, messages: Message[], end: Message): void;
  /** Everything that a request with NLM_F_DUMP asks for. Throws a SyscallError, EAGAIN where changes do not let it be told whole. */
  dump(message: Message): Buffer[];
  close(): void;
}

type Calls = SocketCalls & Pick<Syscalls, 'close'>;

/** Netlink's answers fit (netlink(7): the kernel fills at most 32 KiB at once). */
const RECEIVE = 64 * 1024;
/** A dump that changes met while it was made is told from the start again; it seldom takes a second time, and a millisecond each. */
const DUMP_ATTEMPTS = 100;

let sequence = 0;

export function openNetlinkSocket(syscalls: Calls, protocol = NETLINK_ROUTE): NetlinkSocket {
  const fd = syscalls.socket(AF_NETLINK, SOCK.RAW | SOCK.CLOEXEC, protocol);
  try {
    for (const option of Object.values(NETLINK_OPTION)) syscalls.setsockopt(fd, SOL_NETLINK, option, u32(1));
    syscalls.bind(fd, kernel());
  } catch (error) {
    syscalls.close(fd);
    throw error;
  }
  return {
    send: (...messages) => send(syscalls, fd, messages),
    batch: (begin, messages, end) => batch(syscalls, fd, { begin, messages, end }),
    dump: (message) => dump(syscalls, fd, message),
    close: () => syscalls.close(fd),
  };
}

/** `struct sockaddr_nl` (netlink(7)): port 0 is the kernel, and to bind(2) "any". */
function kernel(): Buffer {
  const address = Buffer.alloc(12);
  address.writeUInt16LE(AF_NETLINK);
  return address;
}

function send(syscalls: Calls, fd: number, messages: Message[]): Buffer[] {
  const first = transmit(syscalls, fd, messages, NLM_F.ACK);
  const answers: Buffer[] = [];
  let failure: SyscallError | undefined;
  for (let waiting = messages.length; waiting > 0; ) {
    for (const received of receive(syscalls, fd, first)) {
      if (received.type !== NLMSG.ERROR) answers.push(received.body);
      else {
        waiting -= 1;
        failure ??= failureOf(received, messages[received.sequence - first]!);
      }
    }
  }
  if (failure) throw failure;
  return answers;
}

/** Begin and end are not acknowledged; where the batch as a whole is refused, the kernel blames its begin. */
function batch(
  syscalls: Calls,
  fd: number,
  { begin, messages, end }: { begin: Message; messages: Message[]; end: Message },
): void {
  const acknowledged = messages.map((message) => ({ ...message, flags: message.flags | NLM_F.ACK }));
  const all = [begin, ...acknowledged, end];
  const first = transmit(syscalls, fd, all, 0);
  let failure: SyscallError | undefined;
  for (let waiting = messages.length; waiting > 0; ) {
    for (const received of receive(syscalls, fd, first)) {
      waiting -= received.sequence === first ? messages.length : 1;
      failure ??= failureOf(received, all[received.sequence - first]!);
    }
  }
  if (failure) throw failure;
}

function dump(syscalls: Calls, fd: number, message: Message): Buffer[] {
  for (let attempt = 1; attempt <= DUMP_ATTEMPTS; attempt++) {
    const { found, torn } = dumpOnce(syscalls, fd, message);
    if (!torn) return found;
  }
  const why = `it changed each of ${DUMP_ATTEMPTS} times that it was read`;
  throw new SyscallError(typeOf(message), constants.errno.EAGAIN, subjectOf(message), why);
}

function dumpOnce(syscalls: Calls, fd: number, message: Message): { found: Buffer[]; torn: boolean } {
  const first = transmit(syscalls, fd, [message], 0);
  const found: Buffer[] = [];
  let torn = false;
  for (;;) {
    for (const received of receive(syscalls, fd, first)) {
      torn ||= (received.flags & NLM_F.DUMP_INTR) !== 0;
      if (received.type === NLMSG.ERROR || received.type === NLMSG.DONE) {
        const failure = failureOf(received, message);
        if (failure) throw failure;
        return { found, torn };
      }
      found.push(received.body);
    }
  }
}

/** The number of the first message; those after it follow. */
function transmit(syscalls: Calls, fd: number, messages: Message[], flags: number): number {
  const first = sequence + 1;
  const datagrams = messages.map((message) => {
    sequence += 1;
    return encodeMessage({ ...message, flags: message.flags | NLM_F.REQUEST | flags }, sequence);
  });
  syscalls.sendto(fd, Buffer.concat(datagrams), 0, kernel());
  return first;
}

/** What an earlier request, whose failure ended the reading, has left is passed over. */
function receive(syscalls: Calls, fd: number, first: number): Received[] {
  return decodeMessages(syscalls.recv(fd, RECEIVE, 0)).filter(({ sequence: of }) => of >= first);
}

function failureOf(received: Received, request: Message): SyscallError | undefined {
  const { errno, text } = decodeAcknowledgement(received);
  return errno === 0 ? undefined : new SyscallError(typeOf(request), errno, subjectOf(request), text);
}

import { align, decodeAttributes, readText } from './attributes.ts';
import { NLM_F, NLMSGERR_ATTR_MSG } from './constants.ts';

/** One netlink message without what the socket fills in. */
export interface Message {
  type: number;
  flags: number;
  /** The header of the family and its attributes. */
  body: Buffer;
}

/** One as it came. */
export interface Received extends Message {
  sequence: number;
}

/** What an NLMSG_ERROR says; errno 0 is an acknowledgement. */
interface Acknowledgement {
  errno: number;
  /** The kernel's own words. */
  text?: string | undefined;
}

/** `struct nlmsghdr`: length, type, flags, sequence, port ID (netlink(7)). */
const HEADER = 16;

export function encodeMessage({ type, flags, body }: Message, sequence: number): Buffer {
  const buffer = Buffer.alloc(align(HEADER + body.length));
  buffer.writeUInt32LE(HEADER + body.length, 0);
  buffer.writeUInt16LE(type, 4);
  buffer.writeUInt16LE(flags, 6);
  buffer.writeUInt32LE(sequence, 8);
  body.copy(buffer, HEADER);
  return buffer;
}

/** All messages of one datagram. */
export function decodeMessages(buffer: Buffer): Received[] {
  const found: Received[] = [];
  for (let at = 0; at + HEADER <= buffer.length; ) {
    const length = buffer.readUInt32LE(at);
    if (length < HEADER || at + length > buffer.length) break;
    found.push({
      type: buffer.readUInt16LE(at + 4),
      flags: buffer.readUInt16LE(at + 6),
      sequence: buffer.readUInt32LE(at + 8),
      body: buffer.subarray(at + HEADER, at + length),
    });
    at += align(length);
  }
  return found;
}

/** The body of an NLMSG_ERROR: a negative errno, the request or its header, and the kernel's words if it has any. */
export function decodeAcknowledgement({ flags, body }: Received): Acknowledgement {
  const errno = -body.readInt32LE(0);
  if ((flags & NLM_F.ACK_TLVS) === 0) return { errno };
  const request = (flags & NLM_F.CAPPED) !== 0 ? HEADER : align(body.readUInt32LE(4));
  return { errno, text: readText(decodeAttributes(body.subarray(4 + request)).get(NLMSGERR_ATTR_MSG)) };
}

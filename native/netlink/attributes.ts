/** Netlink's attributes (netlink(7), rtnetlink(7)): length and type of 16 bits each, the value, padding to four bytes. */

/** A value, or further attributes nested in it. */
export type Attribute = [type: number, value: Buffer | Attribute[]];

const HEADER = 4;
/** NLA_F_NESTED and NLA_F_NET_BYTEORDER are no part of the type. */
const TYPE_MASK = 0x3fff;

/** The next multiple of four. */
export function align(length: number): number {
  return (length + 3) & ~3;
}

export function encodeAttributes(attributes: Attribute[]): Buffer {
  return Buffer.concat(attributes.map(encodeOne));
}

function encodeOne([type, value]: Attribute): Buffer {
  const bytes = Buffer.isBuffer(value) ? value : encodeAttributes(value);
  const buffer = Buffer.alloc(align(HEADER + bytes.length));
  buffer.writeUInt16LE(HEADER + bytes.length, 0);
  buffer.writeUInt16LE(type, 2);
  bytes.copy(buffer, HEADER);
  return buffer;
}

/** Values by type; of one that comes twice the last. What is cut short is left out. */
export function decodeAttributes(buffer: Buffer): Map<number, Buffer> {
  return new Map(listAttributes(buffer));
}

/** All of them in their order, also those that come more than once. What is cut short is left out. */
export function listAttributes(buffer: Buffer): [type: number, value: Buffer][] {
  const found: [number, Buffer][] = [];
  for (let at = 0; at + HEADER <= buffer.length; ) {
    const length = buffer.readUInt16LE(at);
    if (length < HEADER || at + length > buffer.length) break;
    found.push([buffer.readUInt16LE(at + 2) & TYPE_MASK, buffer.subarray(at + HEADER, at + length)]);
    at += align(length);
  }
  return found;
}

export function u16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

export function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

/** A NUL-terminated name. Throws a TypeError for one that holds a NUL. */
export function text(value: string): Buffer {
  if (value.includes('\0')) throw new TypeError(`NUL byte in ${JSON.stringify(value)}`);
  return Buffer.from(`${value}\0`);
}

/** A number of 32 bits; undefined where there is none. */
export function readU32(value: Buffer | undefined): number | undefined {
  return value && value.length >= 4 ? value.readUInt32LE() : undefined;
}

/** Up to the NUL. */
export function readText(value: Buffer | undefined): string | undefined {
  if (!value) return undefined;
  const end = value.indexOf(0);
  return value.toString('utf8', 0, end < 0 ? value.length : end);
}

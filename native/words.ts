/** The kinds of arguments that kernel calls take: their C type, how they are handed over, and how they read in words. */
import type { Path } from './syscalls.ts';

/** One parameter of a call. */
export interface Parameter {
  /** Name in error messages: the call is "about" its first path or name. */
  subject?: boolean;
  /** C type for koffi. */
  type: string;
  /** What the C side gets; throws for what it must never get. */
  encode?(value: unknown): unknown;
  show(value: unknown): string;
}

const NUL = 0;

/** NUL-terminated bytes; a NUL inside would silently cut the text short on the C side, so it is refused. */
export function terminated(value: Path): Path {
  if (typeof value === 'string') {
    if (value.includes('\0')) throw new TypeError(`NUL byte in ${JSON.stringify(value)}`);
    return value;
  }
  if (value.includes(NUL)) throw new TypeError(`NUL byte in ${JSON.stringify(value.toString('latin1'))}`);
  return Buffer.concat([value, Buffer.alloc(1)]);
}

const quote = (value: unknown) => JSON.stringify(Buffer.isBuffer(value) ? value.toString() : value);

export const number: Parameter = { type: 'int', show: String };
export const unsigned: Parameter = { type: 'uint', show: String };
export const long: Parameter = { type: 'long', show: String };
export const fd: Parameter = { type: 'int', show: (value) => (value === -100 ? 'AT_FDCWD' : `fd ${value}`) };
export const mode: Parameter = { type: 'uint', show: (value) => `0${(value as number).toString(8)}` };
export const path: Parameter = {
  type: 'const char *',
  subject: true,
  encode: (value) => terminated(value as Path),
  show: quote,
};
export const text: Parameter = {
  type: 'const char *',
  subject: true,
  encode: (value) => (value === null ? null : terminated(value as Path)),
  show: quote,
};
/** Text that does not say what a call is about, such as mount options. */
export const detail: Parameter = { ...text, subject: false };
export const memory: Parameter = {
  type: 'void *',
  show: (value) => (Buffer.isBuffer(value) ? `[${value.length} bytes]` : 'NULL'),
};
export const size: Parameter = { type: 'size_t', show: String };

/** A bit mask whose bits have names: `flags('CLONE_', CLONE)`. */
export function flags(prefix: string, names: Record<string, number>, type = 'int'): Parameter {
  return { type, show: (value) => flagWords(prefix, names, value as number) };
}

/** One of several numbers that have names. */
export function choice(prefix: string, names: Record<string, number>, type = 'int'): Parameter {
  const found = (value: unknown) => Object.entries(names).find(([, bits]) => bits === value);
  return { type, show: (value) => (found(value) ? `${prefix}${found(value)?.[0]}` : String(value)) };
}

function flagWords(prefix: string, names: Record<string, number>, value: number): string {
  const words = Object.entries(names).filter(([, bits]) => bits !== 0 && (value & bits) === bits);
  const rest = words.reduce((left, [, bits]) => left & ~bits, value) >>> 0;
  const parts = words.map(([name]) => `${prefix}${name}`);
  if (rest !== 0 || parts.length === 0) parts.push(rest === 0 ? '0' : `0x${rest.toString(16)}`);
  return parts.join('|');
}

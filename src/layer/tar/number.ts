import { InvalidLayerError } from '../error.ts';

/**
 * The number in the bytes `from` to before `to` of a tar header: octal digits between spaces and NULs, or, with the top bit set, big-endian two's complement
 * (GNU tar manual, "Extensions to tar"). An empty field is 0. Throws INVALID_LAYER.
 */
export function parseNumber(header: Buffer, from: number, to: number, what: string): number {
  if (header[from]! & 0x80) return parseBase256(header.subarray(from, to), what);
  return parseOctal(header, from, to, what);
}

function parseOctal(header: Buffer, from: number, to: number, what: string): number {
  let [at, end] = [from, to];
  while (at < end && isBlank(header[at]!)) at++;
  while (end > at && isBlank(header[end - 1]!)) end--;
  let value = 0;
  for (; at < end; at++) {
    const digit = header[at]! - 0x30;
    if (digit < 0 || digit > 7) throw new InvalidLayerError(`tar header: ${what} is not an octal number`);
    value = value * 8 + digit;
  }
  return value;
}

function parseBase256(field: Buffer, what: string): number {
  const negative = (field[0]! & 0x40) !== 0;
  let value = BigInt(field[0]! & 0x7f) - (negative ? 0x80n : 0n);
  for (const byte of field.subarray(1)) value = (value << 8n) | BigInt(byte);
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new InvalidLayerError(`tar header: ${what} is out of range`);
  return number;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0;
}

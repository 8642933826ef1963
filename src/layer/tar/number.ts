import { InvalidLayerError } from '../error.ts';

/**
 * A number of a tar header: octal digits between spaces and NULs, or, with the top bit set, big-endian two's complement
 * (GNU tar manual, "Extensions to tar"). An empty field is 0. Throws INVALID_LAYER.
 */
export function parseNumber(field: Buffer, what: string): number {
  const first = field[0]!;
  return first & 0x80 ? parseBase256(field, what) : parseOctal(field, what);
}

function parseOctal(field: Buffer, what: string): number {
  let [at, end] = [0, field.length];
  while (at < end && isBlank(field[at]!)) at++;
  while (end > at && isBlank(field[end - 1]!)) end--;
  let value = 0;
  for (; at < end; at++) {
    const digit = field[at]! - 0x30;
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

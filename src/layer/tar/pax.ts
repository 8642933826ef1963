import type { ByteString } from '../bytes.ts';
import { InvalidLayerError } from '../error.ts';

/** Records of a pax extended header in order; keys may repeat only for GNU's first sparse format. */
export type PaxRecords = [key: ByteString, value: Buffer][];

const [SPACE, EQUALS, NEWLINE] = [0x20, 0x3d, 0x0a];

/**
 * The records of an extended header: `<length> <key>=<value>\n`, the length in decimal and counting itself
 * (POSIX.1-2017 pax, "pax Extended Header"). Values are bytes. Throws INVALID_LAYER.
 */
export function parsePax(data: Buffer): PaxRecords {
  const records: PaxRecords = [];
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(SPACE, at);
    const digits = space < 0 ? '' : data.toString('latin1', at, Math.min(space, at + 20));
    const end = at + Number(digits);
    if (!/^[1-9]\d{0,9}$/.test(digits) || end > data.length || data[end - 1] !== NEWLINE) throw malformed(at);
    const equals = data.indexOf(EQUALS, space);
    if (equals <= space + 1 || equals >= end) throw malformed(at);
    records.push([data.toString('latin1', space + 1, equals), data.subarray(equals + 1, end - 1)]);
    at = end;
  }
  return records;
}

/** Nanoseconds of a decimal number of seconds, `-1.25` or `1700000000.123456789`; finer digits are cut off. */
export function parseTime(text: string): bigint {
  const match = /^(-?)(\d{1,12})(?:\.(\d*))?$/.exec(text);
  if (match === null)
    throw new InvalidLayerError(`pax header: mtime ${JSON.stringify(text.slice(0, 40))} is not a time`);
  const [, sign, seconds, fraction = ''] = match;
  const value = BigInt(seconds!) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
  return sign === '-' ? -value : value;
}

/** A whole number of a pax record. */
export function parseInteger(text: string, key: string): number {
  const value = Number(text);
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidLayerError(`pax header: ${key} ${JSON.stringify(text.slice(0, 40))} is not a number`);
}

function malformed(at: number): InvalidLayerError {
  return new InvalidLayerError(`pax header: malformed record at byte ${at}`);
}

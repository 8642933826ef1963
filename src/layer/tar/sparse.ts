/** Sparse files in the four ways that GNU tar writes them (GNU tar manual, "Storing Sparse Files"). */
import type { ByteString } from '../bytes.ts';
import { InvalidLayerError } from '../error.ts';
import type { DataRange } from './entry.ts';
import { BLOCK, type TarHeader } from './header.ts';
import { parseNumber } from './number.ts';
import { type PaxRecords, parseInteger } from './pax.ts';

/** What pax records say of a sparse file; `map` is absent in version 1.0, where it precedes the data. */
export interface PaxSparse {
  name?: ByteString;
  size: number;
  map?: DataRange[];
}

/** Undefined when the records are not of a sparse file. */
export function paxSparse(records: PaxRecords): PaxSparse | undefined {
  const last = new Map(records.map(([key, value]) => [key, value.toString('latin1')]));
  const size = last.get('GNU.sparse.realsize') ?? last.get('GNU.sparse.size');
  if (size === undefined) return undefined;
  const name = last.get('GNU.sparse.name');
  const inData = last.get('GNU.sparse.major') === '1';
  return {
    size: parseInteger(size, 'GNU.sparse.size'),
    ...(name !== undefined && { name }),
    ...(!inData && { map: pairs(mapNumbers(records, last)) }),
  };
}

function mapNumbers(records: PaxRecords, last: Map<string, string>): number[] {
  const joined = last.get('GNU.sparse.map');
  if (joined !== undefined) return joined.split(',').filter(Boolean).map(toNumber);
  return records
    .filter(([key]) => key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes')
    .map(([, value]) => toNumber(value.toString('latin1')));
}

/** Up to `count` (offset, length) pairs of 12-byte numbers of an old GNU header or its extension blocks. */
export function oldRanges(block: Buffer, from: number, count: number): DataRange[] {
  const ranges: DataRange[] = [];
  for (let at = from; ranges.length < count && block[at] !== 0; at += 24) {
    ranges.push({
      offset: parseNumber(block, at, at + 12, 'sparse offset'),
      length: parseNumber(block, at + 12, at + 24, 'sparse length'),
    });
  }
  return ranges;
}

/** The first ranges, the file's size, and whether extension blocks follow an old GNU sparse header. */
export function oldSparse(header: TarHeader): { ranges: DataRange[]; size: number; extended: boolean } {
  const { block } = header;
  return {
    ranges: oldRanges(block, 386, 4),
    size: parseNumber(block, 483, 495, 'sparse size'),
    extended: block[482] !== 0,
  };
}

/** The map at the head of a version 1.0 member's data, or undefined when more blocks are needed. */
export function mapInData(text: string): DataRange[] | undefined {
  const lines = text.split('\n');
  const count = lines.length > 1 ? toNumber(lines[0]!) : undefined;
  if (count === undefined || lines.length < 2 * count + 2) return undefined;
  return pairs(lines.slice(1, 2 * count + 1).map(toNumber));
}

/** The ranges in order, without overlap, inside the file, and as long together as the data that is there. */
export function checkRanges(ranges: DataRange[], size: number, stored: number): DataRange[] {
  let [end, total] = [0, 0];
  for (const { offset, length } of ranges) {
    if (offset < end || length < 0 || offset + length > size) {
      throw new InvalidLayerError('tar header: the map of a sparse file is out of order');
    }
    [end, total] = [offset + length, total + length];
  }
  if (total !== stored)
    throw new InvalidLayerError('tar header: the map of a sparse file does not fit its data');
  return ranges;
}

/** Bytes of the map in whole blocks, for a version 1.0 member. */
export function blocksOf(length: number): number {
  return Math.ceil(length / BLOCK) * BLOCK;
}

function pairs(numbers: number[]): DataRange[] {
  if (numbers.length % 2 !== 0) throw new InvalidLayerError('pax header: half a range in a sparse map');
  return Array.from({ length: numbers.length / 2 }, (_, at) => ({
    offset: numbers[2 * at]!,
    length: numbers[2 * at + 1]!,
  }));
}

function toNumber(text: string): number {
  return parseInteger(text, 'GNU.sparse.map');
}

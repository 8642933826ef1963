import type { ByteString } from '../bytes.ts';
import { InvalidLayerError } from '../error.ts';
import { parseNumber } from './number.ts';

export const BLOCK = 512;

/** A header block as it stands (POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format"). */
export interface TarHeader {
  name: ByteString;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  /** Seconds. */
  mtime: number;
  typeflag: string;
  linkname: ByteString;
  device: { major: number; minor: number };
  /** The block itself, for the parts that only sparse files have. */
  block: Buffer;
}

const [CHECKSUM_AT, CHECKSUM_LENGTH] = [148, 8];
const SPACE = 0x20;

/** The header in a block of 512 bytes. Throws INVALID_LAYER when the checksum or a field is wrong. */
export function parseHeader(block: Buffer): TarHeader {
  verifyChecksum(block);
  const number = (from: number, to: number, what: string) => parseNumber(block, from, to, what);
  const typeflag = String.fromCharCode(block[156]!);
  const isDevice = typeflag === '3' || typeflag === '4';
  return {
    name: prefix(block) + text(block, 0, 100),
    mode: number(100, 108, 'mode'),
    uid: number(108, 116, 'uid'),
    gid: number(116, 124, 'gid'),
    size: number(124, 136, 'size'),
    mtime: number(136, 148, 'mtime'),
    typeflag,
    linkname: text(block, 157, 257),
    device: isDevice
      ? { major: number(329, 337, 'device major'), minor: number(337, 345, 'device minor') }
      : { major: 0, minor: 0 },
    block,
  };
}

/** True for a block of NULs; two of them end an archive. */
export function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

/** Old tars summed signed bytes; both sums are right (POSIX.1-2017 pax, "chksum"). */
function verifyChecksum(block: Buffer): void {
  const expected = parseNumber(block, CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_LENGTH, 'checksum');
  const found = sum(block);
  if (expected === found || expected === found - 256 * negatives(block)) return;
  throw new InvalidLayerError(`tar header: checksum is ${expected}, the bytes give ${found}`);
}

/** Of all bytes, those of the checksum itself taken for spaces. */
function sum(block: Buffer): number {
  let found = CHECKSUM_LENGTH * SPACE;
  for (let at = 0; at < CHECKSUM_AT; at++) found += block[at]!;
  for (let at = CHECKSUM_AT + CHECKSUM_LENGTH; at < BLOCK; at++) found += block[at]!;
  return found;
}

/** How many bytes outside of the checksum are below zero to those for whom they have a sign. */
function negatives(block: Buffer): number {
  const around = [block.subarray(0, CHECKSUM_AT), block.subarray(CHECKSUM_AT + CHECKSUM_LENGTH)];
  return Buffer.concat(around).filter((byte) => byte > 127).length;
}

/** Only POSIX headers have a prefix; GNU's use the place for times, star's for less of it. */
function prefix(block: Buffer): ByteString {
  if (block.toString('latin1', 257, 263) !== 'ustar\0') return '';
  const isStar = block.toString('latin1', 508, 512) === 'tar\0';
  const found = text(block, 345, isStar ? 476 : 500);
  return found === '' ? '' : `${found}/`;
}

function text(block: Buffer, from: number, to: number): ByteString {
  const end = block.indexOf(0, from);
  return block.toString('latin1', from, end < 0 || end > to ? to : end);
}

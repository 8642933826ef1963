import type { Compression } from '../image/media-type.ts';
import { InvalidLayerError } from './error.ts';
import { createGunzip } from './gunzip.ts';
import type { Decompressor, OnData } from './streamed.ts';
import { createZstd } from './zstd.ts';

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
/** RFC 8878 section 3.1.2: 0x184D2A50 to 0x184D2A5F, little-endian. */
const ZSTD_SKIPPABLE = Buffer.from([0x2a, 0x4d, 0x18]);
const OTHERS: [Buffer, string][] = [
  [Buffer.from('BZh'), 'bzip2'],
  [Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]), 'xz'],
];
const MAGIC_LENGTH = 5;

/**
 * Unpacks gzip (of any number of members), zstd and plain data, told apart by their first bytes: media types of layers
 * are often wrong about it, and the diffID settles what is right. Rejects with INVALID_LAYER for damaged data, and with
 * whatever the callback throws. `isApart` says of gzip whether to unpack it in a thread of its own, so that that and the
 * callback's work overlap.
 */
export function createDecompressor(onData: OnData, isApart = () => false): Decompressor {
  let head: Buffer | undefined = Buffer.alloc(0);
  let chosen: Decompressor | undefined;
  const decide = async (bytes: Buffer) => {
    head = undefined;
    chosen = choose(bytes, onData, isApart);
    if (bytes.length > 0) await chosen.write(bytes);
  };
  return {
    async write(chunk) {
      if (chosen !== undefined) return chosen.write(chunk);
      head = Buffer.concat([head!, chunk]);
      if (head.length >= MAGIC_LENGTH) await decide(head);
    },
    async end() {
      if (chosen === undefined) await decide(head!);
      await chosen!.end();
    },
    destroy: () => chosen?.destroy(),
  };
}

/** What the first bytes say of how the rest is packed. Throws INVALID_LAYER for what nobody here unpacks. */
export function packingOf(head: Buffer): Compression {
  const starts = (magic: Buffer, at = 0) => head.subarray(at, at + magic.length).equals(magic);
  if (starts(GZIP)) return 'gzip';
  if (starts(ZSTD) || starts(ZSTD_SKIPPABLE, 1)) return 'zstd';
  const other = OTHERS.find(([magic]) => starts(magic));
  if (other === undefined) return 'none';
  throw new InvalidLayerError(
    `the layer is packed with ${other[1]}`,
    'gocker unpacks gzip, zstd and plain tar layers; have the image built with one of these',
  );
}

function choose(head: Buffer, onData: OnData, isApart: () => boolean): Decompressor {
  const packing = packingOf(head);
  if (packing === 'gzip') return createGunzip(onData, isApart);
  return packing === 'zstd' ? createZstd(onData) : plain(onData);
}

function plain(onData: OnData): Decompressor {
  return { write: async (chunk) => onData(chunk), end: async () => {}, destroy() {} };
}

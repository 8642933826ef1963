import { InvalidLayerError } from './error.ts';

/** What the zstd tool and node:zlib take without being asked for more. */
const MAX_WINDOW = 128 * 1024 * 1024;
const MAGIC = 0xfd2fb528;
const CHECKSUM = 4;

/** Either a number of bytes to look at together, or one to pass over. */
type Next = { look: number; use(bytes: Buffer): Next } | { skip: number; use(): Next };

/**
 * Walks over zstd frames (RFC 8878 section 3.1) as they are pushed and throws INVALID_LAYER at the first one that asks for a
 * window above 128 MiB: the decoder in JavaScript would allocate it. Other damage is left for the decoder to find.
 */
export function createFrameGuard(): (chunk: Buffer) => void {
  let next: Next = frame();
  let kept = Buffer.alloc(0);
  let skipped = 0;
  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if ('skip' in next) {
        const step = Math.min(next.skip - skipped, chunk.length - at);
        [at, skipped] = [at + step, skipped + step];
      } else {
        const part = chunk.subarray(at, at + next.look - kept.length);
        [at, kept] = [at + part.length, Buffer.concat([kept, part])];
      }
      for (let done = advance(); done !== undefined; done = advance()) next = done;
    }
  };

  function advance(): Next | undefined {
    if ('skip' in next) {
      if (skipped < next.skip) return undefined;
      skipped = 0;
      return next.use();
    }
    if (kept.length < next.look) return undefined;
    const bytes = kept;
    kept = Buffer.alloc(0);
    return next.use(bytes);
  }
}

function frame(): Next {
  return {
    look: 4,
    use(magic) {
      const isSkippable = magic.readUInt32LE() >>> 4 === 0x184d2a5;
      if (isSkippable) return { look: 4, use: (size) => ({ skip: size.readUInt32LE(), use: frame }) };
      if (magic.readUInt32LE() !== MAGIC) throw new InvalidLayerError('zstd data: garbage between frames');
      return { look: 1, use: (descriptor) => frameHeader(descriptor[0]!) };
    },
  };
}

/** Frame_Header: window descriptor, dictionary ID, content size, each as the first byte says. */
function frameHeader(descriptor: number): Next {
  const isSingle = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3]!;
  const content = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const window = isSingle ? 0 : 1;
  return {
    look: window + dictionary + content,
    use(bytes) {
      const size = isSingle ? contentSize(bytes.subarray(dictionary)) : windowSize(bytes[0]!);
      if (size > MAX_WINDOW) {
        throw new InvalidLayerError(`zstd data: a window of ${size} bytes, at most ${MAX_WINDOW} are taken`);
      }
      return block((descriptor & 4) !== 0);
    },
  };
}

function windowSize(byte: number): number {
  const base = 2 ** (10 + (byte >> 3));
  return base + (base / 8) * (byte & 7);
}

function contentSize(bytes: Buffer): number {
  if (bytes.length === 8) return Number(bytes.readBigUInt64LE());
  if (bytes.length === 4) return bytes.readUInt32LE();
  return bytes.length === 2 ? bytes.readUInt16LE() + 256 : bytes[0]!;
}

/** Block_Header; of a run only the byte to repeat follows. */
function block(hasChecksum: boolean): Next {
  return {
    look: 3,
    use(bytes) {
      const header = bytes.readUIntLE(0, 3);
      const isRun = ((header >> 1) & 3) === 1;
      const after = (header & 1) === 0 ? () => block(hasChecksum) : () => checksum(hasChecksum);
      return { skip: isRun ? 1 : header >> 3, use: after };
    },
  };
}

function checksum(isThere: boolean): Next {
  return { skip: isThere ? CHECKSUM : 0, use: frame };
}

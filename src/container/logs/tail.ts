import type { FileHandle } from 'node:fs/promises';

const BLOCK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** Where the last `count` lines of several files, oldest first, begin: an offset for each; a file's end where none is wanted. */
export async function tailOffset(files: FileHandle[], count: number): Promise<number[]> {
  const offsets: number[] = [];
  let missing = count;
  for (const file of [...files].reverse()) {
    const { offset, lines } = await lastLines(file, missing);
    offsets.unshift(offset);
    missing -= lines;
  }
  return offsets;
}

async function lastLines(file: FileHandle, count: number): Promise<{ offset: number; lines: number }> {
  const { size } = await file.stat();
  if (count <= 0) return { offset: size, lines: 0 };
  const block = Buffer.alloc(BLOCK_BYTES);
  // The newline at the very end belongs to the last line.
  let lines = 0;
  for (let end = Math.max(0, size - 1); end > 0; ) {
    const begin = Math.max(0, end - BLOCK_BYTES);
    const { bytesRead } = await file.read(block, 0, end - begin, begin);
    for (let at = bytesRead - 1; at >= 0; at--) {
      if (block[at] === NEWLINE && ++lines === count) return { offset: begin + at + 1, lines };
    }
    end = begin;
  }
  return { offset: 0, lines: size === 0 ? 0 : lines + 1 };
}

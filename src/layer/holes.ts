import { writeSync } from 'node:fs';

/** What file systems keep as one piece, or leave out as a hole. */
export const BLOCK = 4096;
const ZEROS = Buffer.alloc(BLOCK);

/**
 * Writes into a new file at `position`, but for whole blocks of zeros: they are holes when the file has got its length by
 * ftruncate(2). Returns whether the last bytes are one, so that the file is too short without.
 */
export function writeWithHoles(fd: number, bytes: Buffer, position: number): boolean {
  let from = 0;
  for (let at = 0; at < bytes.length; ) {
    const next = Math.min(bytes.length, at + BLOCK - ((position + at) % BLOCK));
    if (next - at === BLOCK && bytes[at] === 0 && ZEROS.compare(bytes, at, next) === 0) {
      writeAll(fd, bytes.subarray(from, at), position + from);
      from = next;
    }
    at = next;
  }
  writeAll(fd, bytes.subarray(from), position + from);
  return bytes.length > 0 && from === bytes.length;
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done, position + done);
  }
}

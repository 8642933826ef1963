const ENOUGH = 128 * 1024;

/** The same bytes in pieces of at least 128 KiB, but for the last: each piece costs its receiver a turn. */
export function* batched(pieces: Iterable<Buffer>): Generator<Buffer> {
  let waiting: Buffer[] = [];
  let length = 0;
  for (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length < ENOUGH) continue;
    yield waiting.length === 1 ? piece : Buffer.concat(waiting, length);
    [waiting, length] = [[], 0];
  }
  if (length > 0) yield Buffer.concat(waiting, length);
}

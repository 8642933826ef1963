import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPartial, createNoteTaker, STEP } from '../../src/layer/partial.ts';
import { CHUNK } from '../../src/layer/streamed.ts';
import { blobOf } from '../fixtures/image.ts';

const bytes = randomBytes(5 * CHUNK + 1000);
const blob = blobOf('x', bytes);

let directory: string;
let path: string;
let notes: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gocker-test-'));
  path = join(directory, 'part');
  notes = join(directory, 'notes');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** As a pass does it that is stopped after so many bytes, which began when `from` bytes were there. */
function write(until: number, { from = 0, chunk = CHUNK } = {}): void {
  const hash = createHash('sha256').update(bytes.subarray(0, from));
  const taker = createNoteTaker(notes, from);
  for (let at = from; at < until; at += chunk) {
    const piece = bytes.subarray(at, Math.min(at + chunk, until));
    appendFileSync(path, piece);
    taker.wrote(at + piece.length, hash.update(piece));
  }
  taker.close();
}

function flip(at: number): void {
  const there = readFileSync(path);
  there[at] = there[at]! ^ 1;
  writeFileSync(path, there);
}

/** What is kept, which must be right and all that is left in the file. */
async function kept(): Promise<number> {
  const length = await checkPartial({ path, notes }, blob);
  const there = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  expect(there.equals(bytes.subarray(0, length))).toBe(true);
  return length;
}

describe('a partial file', () => {
  it('that is not there, or empty, has nothing', async () => {
    expect(await kept()).toBe(0);
    writeFileSync(path, '');
    expect(await kept()).toBe(0);
  });

  it.each([
    ['at a note', 3 * CHUNK, CHUNK, 3 * CHUNK],
    ['between notes', 3 * CHUNK + 5000, CHUNK, 3 * CHUNK],
    ['before the first note', STEP - 1, CHUNK, 0],
    ['in odd pieces', 700_000, 100_001, 600_006],
  ])('that ends %s is kept up to the last note', async (_, until, chunk, expected) => {
    write(until, { chunk });
    expect(await kept()).toBe(expected);
    expect(await kept()).toBe(expected);
  });

  it('that is whole is kept, with or without notes', async () => {
    write(blob.size);
    expect(await kept()).toBe(blob.size);
    rmSync(notes);
    expect(await kept()).toBe(blob.size);
  });

  it('is noted on when it grows', async () => {
    write(2 * CHUNK + 77);
    expect(await kept()).toBe(2 * CHUNK);
    write(4 * CHUNK + 77, { from: 2 * CHUNK });
    expect(await kept()).toBe(4 * CHUNK);
  });

  it.each([
    ['the first piece', 5, 0],
    ['the third piece', 2 * CHUNK + 5, 2 * CHUNK],
    ['what has no note', 4 * CHUNK + 5, 4 * CHUNK],
  ])('with a flipped bit in %s is kept up to there', async (_, at, expected) => {
    write(4 * CHUNK + 100);
    flip(at);
    expect(await kept()).toBe(expected);
    write(5 * CHUNK, { from: expected });
    expect(await kept()).toBe(5 * CHUNK);
  });

  it('whose end is zeros, as after a loss of power, is kept up to them', async () => {
    write(3 * CHUNK);
    truncateSync(path, CHUNK + 10);
    truncateSync(path, 3 * CHUNK);
    expect(await kept()).toBe(CHUNK);
  });

  it.each([
    ['missing', ''],
    ['torn', '262144 abc'],
    ['zeros', '\0'.repeat(200)],
    ['of something else', `${CHUNK} ${'0'.repeat(64)}\n`],
    ['going back', `0 ${'0'.repeat(64)}\n`],
  ])('with notes that are %s has nothing', async (_, text) => {
    write(3 * CHUNK);
    writeFileSync(notes, text);
    expect(await kept()).toBe(0);
  });

  it('whose last note is torn is kept up to the one before', async () => {
    write(3 * CHUNK);
    truncateSync(notes, readFileSync(notes).length - 1);
    expect(await kept()).toBe(2 * CHUNK);
    const note = `${CHUNK} [0-9a-f]{64}\n${2 * CHUNK} [0-9a-f]{64}\n`;
    expect(readFileSync(notes, 'latin1')).toMatch(new RegExp(`^${note}$`));
  });

  it('that is as long as the blob, or longer, and not the blob has nothing', async () => {
    write(blob.size);
    flip(blob.size - 1);
    expect(await kept()).toBe(0);
    write(blob.size);
    appendFileSync(path, 'more');
    expect(await kept()).toBe(0);
  });

  it('without notes is not kept unless it is whole', async () => {
    writeFileSync(path, bytes.subarray(0, 3 * CHUNK));
    expect(await checkPartial({ path }, blob)).toBe(0);
    writeFileSync(path, bytes);
    expect(await checkPartial({ path }, blob)).toBe(blob.size);
  });
});

import { constants, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openInflater } from '../../native/isal.ts';
import { decompressInPieces, GUNZIPS } from '../fixtures/decompress.ts';
import { type Chance, createChance } from './chance.ts';
import { ROUNDS, SEED } from './rounds.ts';

const STRATEGIES = [
  constants.Z_DEFAULT_STRATEGY,
  constants.Z_HUFFMAN_ONLY,
  constants.Z_RLE,
  constants.Z_FIXED,
];

/** Data of all kinds: what repeats near or far, what does not, and nothing. */
function someData({ below, bytes, pick }: Chance): Buffer {
  const parts = Array.from({ length: 1 + below(6) }, () => bytes(below(400)));
  const words = Array.from({ length: below(300) }, () => pick(parts));
  return Buffer.concat([...words, bytes(below(3000))]);
}

function someMember(chance: Chance): Buffer {
  const strategy = chance.pick(STRATEGIES);
  return gzipSync(someData(chance), { level: chance.below(10), strategy, memLevel: 1 + chance.below(9) });
}

/** The bytes, or that there is something wrong with them. */
async function outcome(by: string, bytes: Buffer, piece: number): Promise<string> {
  try {
    return (await decompressInPieces(GUNZIPS[by]!, bytes, piece)).toString('base64');
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_LAYER' });
    return 'refused';
  }
}

const hasIsal = openInflater() !== undefined;
if (!hasIsal) console.log('libisal.so.2 is not installed: it is not compared with zlib');

test.skipIf(!hasIsal)('ISA-L and zlib unpack the same, and refuse the same', async () => {
  const refused = [0, 0];
  for (let round = 0; round < ROUNDS / 5; round++) {
    const chance = createChance(SEED + round * 7919);
    const members = Buffer.concat(Array.from({ length: 1 + chance.below(3) }, () => someMember(chance)));
    const isDamaged = chance.below(2);
    const bytes = isDamaged ? chance.damage(members, ['\x1f\x8b\x08', '\0\0\0\0']) : members;
    const piece = Math.ceil(bytes.length / 100) + chance.below(chance.pick([5, 2000, 300_000]));
    const way = chance.pick(Object.keys(GUNZIPS).filter((name) => name.startsWith('ISA-L')));
    const [one, other] = [await outcome(way, bytes, piece), await outcome('zlib', bytes, piece)];
    if (one === 'refused') refused[isDamaged]!++;
    expect(one, `${way}, seed ${SEED}, round ${round}, pieces of ${piece}`).toBe(other);
  }
  expect(refused[0]).toBe(0);
  expect(refused[1]).toBeGreaterThan(ROUNDS / 20);
});

/** Chance that can be had again: everything follows from the seed. */
export interface Chance {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  pick<T>(from: ArrayLike<T>): T;
  bytes(length: number): Buffer;
  /** A copy in which a few things went wrong: bits, runs, words of the dictionary, parts left out or doubled. */
  damage(bytes: Buffer, dictionary: readonly string[]): Buffer;
}

/** Marsaglia's xorshift32. */
export function createChance(seed: number): Chance {
  let state = seed | 0 || 1;
  const below = (limit: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
  const pick = <T>(from: ArrayLike<T>) => from[below(from.length)]!;
  const bytes = (length: number) => Buffer.from(Array.from({ length }, () => below(256)));

  function damageOnce(whole: Buffer, dictionary: readonly string[]): Buffer {
    const at = below(whole.length + 1);
    const end = Math.min(whole.length, at + 1 + below(16));
    const [before, part, after] = [whole.subarray(0, at), whole.subarray(at, end), whole.subarray(end)];
    const middle = [
      () => bytes(part.length),
      () => bytes(below(8)),
      () => Buffer.alloc(0),
      () => Buffer.concat([part, part]),
      () => Buffer.from(pick(dictionary), 'latin1'),
      () => Buffer.concat([part, Buffer.from(pick(dictionary), 'latin1')]),
    ];
    return Buffer.concat([before, pick(middle)(), after]);
  }

  return {
    below,
    pick,
    bytes,
    damage: (whole, dictionary) => {
      let damaged = whole;
      for (let times = 1 + below(4); times > 0; times--) damaged = damageOnce(damaged, dictionary);
      return damaged;
    },
  };
}

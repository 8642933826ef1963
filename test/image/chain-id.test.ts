import { expect, test } from 'vitest';
import { chainIDs } from '../../src/image/chain-id.ts';
import { parseDigest } from '../../src/image/digest.ts';

const [a, b] = ['a', 'b'].map((hex) => parseDigest(`sha256:${hex.repeat(64)}`)) as [never, never];

test('the first is the diffID, the next hashes the one below and its own', () => {
  // printf 'sha256:aaa… sha256:bbb…' | sha256sum
  expect(chainIDs([a, b])).toEqual([
    a,
    'sha256:ccd722928bd92476ba1745586fed6e45a102504185ad88cd89e01ff116fd146c',
  ]);
  expect(chainIDs([b, a])[1]).not.toBe(chainIDs([a, b])[1]);
  expect(chainIDs([])).toEqual([]);
});

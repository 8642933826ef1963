import { describe, expect, it } from 'vitest';
import { resolveContainer } from '../../src/container/resolve.ts';

const one = { id: 'aa11'.padEnd(64, '0'), name: 'one' };
const two = { id: 'aa22'.padEnd(64, '0'), name: 'bb' };
const three = { id: 'bb33'.padEnd(64, '0') };
const all = [one, two, three];

describe('resolveContainer', () => {
  it.each([
    ['one', one],
    ['/one', one],
    [one.id, one],
    ['aa1', one],
    ['bb', two],
    ['bb3', three],
  ])('%s', (text, found) => {
    expect(resolveContainer(all, text)).toBe(found);
  });

  it('lists what an ambiguous prefix fits', () => {
    expect(() => resolveContainer(all, 'aa')).toThrow(
      'aa fits several containers: aa1100000000 (one), aa2200000000 (bb)',
    );
  });

  it.each(['', 'nosuch', 'AA1', 'ff', 'on'])('finds nothing for %j', (text) => {
    expect(() => resolveContainer(all, text)).toThrow(`No such container: ${text === '' ? '""' : text}`);
  });
});

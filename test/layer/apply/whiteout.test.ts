import { describe, expect, it } from 'vitest';
import { parseWhiteout } from '../../../src/layer/apply/whiteout.ts';

describe('parseWhiteout', () => {
  it.each([
    ['a/.wh.b', { kind: 'delete', directory: 'a', name: 'b' }],
    ['.wh.b', { kind: 'delete', directory: '', name: 'b' }],
    ['.wh..hidden', { kind: 'delete', directory: '', name: '.hidden' }],
    ['.wh....', { kind: 'delete', directory: '', name: '...' }],
    ['a/b/.wh..wh..opq', { kind: 'opaque', directory: 'a/b' }],
    ['.wh..wh.plnk', { kind: 'ignore' }],
    ['.wh..wh.plnk/1.2', { kind: 'ignore' }],
  ])('%s', (path, expected) => {
    expect(parseWhiteout(path)).toEqual(expected);
  });

  it.each(['a/b', 'wh.a', 'a.wh.b', '.whatever', '.wh'])('%s is an ordinary name', (path) => {
    expect(parseWhiteout(path)).toBeUndefined();
  });

  it.each(['.wh.', '.wh..', '.wh...', 'a/.wh.', '.wh.a/b'])('%s is refused', (path) => {
    expect(() => parseWhiteout(path)).toThrow(/whiteout/);
  });
});

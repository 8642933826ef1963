import { describe, expect, it } from 'vitest';
import { basename, dirname, normalise, show, toPath } from '../../src/layer/bytes.ts';

describe('names of layers', () => {
  it.each([
    ['a/b/c', 'a/b/c'],
    ['./a//b/./c/', 'a/b/c'],
    ['/etc/passwd', 'etc/passwd'],
    ['a/../b', 'b'],
    ['../../etc', 'etc'],
    ['a/../../../b', 'b'],
    ['./', ''],
    ['/', ''],
    ['a/..', ''],
    ['...', '...'],
    ['a\\..\\b', 'a\\..\\b'],
  ])('%s is %s below the root', (path, expected) => {
    expect(normalise(path)).toBe(expected);
  });

  it('come apart at the last slash', () => {
    expect([dirname('a/b/c'), basename('a/b/c')]).toEqual(['a/b', 'c']);
    expect([dirname('a'), basename('a')]).toEqual(['', 'a']);
  });

  it('reach the kernel as the bytes that they are', () => {
    expect(toPath('plain')).toBe('plain');
    expect(toPath('\xff\xe9')).toEqual(Buffer.from([0xff, 0xe9]));
  });

  it('reach a terminal without what it could act on', () => {
    expect(show('a\x1b[2J\n')).toBe('"a\\u{1b}[2J\\u{a}"');
    expect(show(Buffer.from('grüße').toString('latin1'))).toBe('"grüße"');
  });
});

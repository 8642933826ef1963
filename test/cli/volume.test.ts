import { describe, expect, it } from 'vitest';
import { parseVolume } from '../../src/cli/volume.ts';

describe('parseVolume', () => {
  it.each([
    ['/a:/b', '/a', '/b', false],
    ['/a:/b:ro', '/a', '/b', true],
    ['/a:/b:rw', '/a', '/b', false],
    ['/a:/b:z,ro', '/a', '/b', true],
    ['./x:/b', '/home/me/x', '/b', false],
    ['../x:/b/../c/', '/home/x', '/c', false],
  ])('%s', (text, source, destination, readonly) => {
    expect(parseVolume(text, '/home/me')).toEqual({ source, destination, readonly, recursive: true });
  });

  it.each([
    ['/b', 'it needs a source and a destination'],
    ['data:/b', 'named volumes are not supported yet'],
    [':/b', 'is no path'],
    ['/a:b', '"b" is not absolute'],
    ['/a:/b:rx', 'unknown option "rx"'],
    ['/a:/b:ro:x', 'too many parts'],
  ])('refuses %s', (text, why) => {
    expect(() => parseVolume(text, '/')).toThrow(why);
  });
});

import { describe, expect, it } from 'vitest';
import { parseSize } from '../../src/cli/size.ts';

const MIB = 1024 ** 2;

describe('parseSize', () => {
  it.each([
    ['64m', 64 * MIB],
    ['64M', 64 * MIB],
    ['64mb', 64 * MIB],
    ['64MiB', 64 * MIB],
    ['512k', 512 * 1024],
    ['1g', 1024 * MIB],
    ['1.5g', 1536 * MIB],
    ['100b', 100],
    ['100', 100],
    ['0', 0],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSize(text, '--memory')).toBe(bytes);
  });

  it('counts a bare number in MiB where the flag says so', () => {
    expect(parseSize('64', '--mem', 'MiB')).toBe(64 * MIB);
    expect(parseSize('64k', '--mem', 'MiB')).toBe(64 * 1024);
    expect(parseSize('64b', '--mem', 'MiB')).toBe(64);
  });

  it.each(['', 'm', '-1', '1x', '1e3', '0x10', ' 1', '1.2.3', '64 m b'])('refuses %j', (text) => {
    expect(() => parseSize(text, '--mem')).toThrow(`invalid size ${JSON.stringify(text)} for --mem`);
  });
});

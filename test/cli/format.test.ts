import { describe, expect, it } from 'vitest';
import { ellipsis, formatAge, formatDuration, formatSize, formatTimestamp } from '../../src/cli/format.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

describe('formatSize', () => {
  it.each([
    [0, '0B'],
    [999, '999B'],
    [7_800_000, '7.8MB'],
    [331_200_000, '331MB'],
    [1_240_000_000, '1.24GB'],
    [1500, '1.5kB'],
  ])('%d is %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });
});

describe('formatDuration', () => {
  it.each([
    [-5, 'Less than a second'],
    [0.5, 'Less than a second'],
    [1, '1 second'],
    [59, '59 seconds'],
    [61, 'About a minute'],
    [120, '2 minutes'],
    [HOUR, 'About an hour'],
    [2 * HOUR, '2 hours'],
    [47 * HOUR, '47 hours'],
    [3 * DAY, '3 days'],
    [20 * DAY, '2 weeks'],
    [90 * DAY, '3 months'],
    [800 * DAY, '2 years'],
  ])('%d seconds: %s', (seconds, text) => {
    expect(formatDuration(seconds * 1000)).toBe(text);
  });
});

describe('times', () => {
  it('are told as age and as docker writes them', () => {
    expect(formatAge('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:05:00Z'))).toBe('5 minutes ago');
    expect(formatTimestamp('2026-01-02T03:04:05.678Z')).toBe('2026-01-02 03:04:05 +0000 UTC');
  });

  it('may be absent', () => {
    expect(formatAge(undefined, 0)).toBe('N/A');
    expect(formatTimestamp('never')).toBe('N/A');
  });
});

describe('ellipsis', () => {
  it('cuts what is too long, by characters', () => {
    expect(ellipsis('abcdef', 6)).toBe('abcdef');
    expect(ellipsis('abcdefg', 6)).toBe('abcde…');
    expect(ellipsis('😀😀😀', 2)).toBe('😀…');
  });
});

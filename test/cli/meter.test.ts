import { describe, expect, it } from 'vitest';
import { createMeter, formatRemaining } from '../../src/cli/meter.ts';

/** A meter that is told so many bytes every 100 ms of a time of its own. */
function metered(amounts: number[]) {
  let time = 0;
  const meter = createMeter(() => time);
  for (const bytes of amounts) {
    meter.note(bytes);
    time += 100;
  }
  return { meter, wait: (milliseconds: number) => (time += milliseconds) };
}
const steady = (count: number, each: number) => Array.from({ length: count }, (_, at) => at * each);

describe('createMeter', () => {
  it('tells nothing before half a second, then bytes a second', () => {
    expect(metered(steady(3, 1000)).meter.rate()).toBeUndefined();
    expect(metered(steady(6, 1000)).meter.rate()).toBeCloseTo(8333, -1);
    expect(metered(steady(100, 1000)).meter.rate()).toBeCloseTo(9_800, -3);
  });

  it('forgets what was long ago', () => {
    const slowThenFast = [...steady(100, 10), ...steady(100, 5000).map((bytes) => 1000 + bytes)];
    expect(metered(slowThenFast).meter.rate()).toBeGreaterThan(45_000);
  });

  it('falls while nothing comes', () => {
    const { meter, wait } = metered(steady(20, 1000));
    const before = meter.rate()!;
    wait(10_000);
    expect(meter.rate()).toBeLessThan(before / 4);
  });

  it('begins anew when the bytes do', () => {
    expect(metered([...steady(20, 1000), 0, 100]).meter.rate()).toBeUndefined();
  });
});

describe('formatRemaining', () => {
  it.each([
    [0.2, '1s'],
    [59, '59s'],
    [60, '1m00s'],
    [185, '3m05s'],
    [3599.5, '1h00m'],
    [7471, '2h04m'],
  ])('%d seconds', (seconds, text) => {
    expect(formatRemaining(seconds)).toBe(text);
  });
});

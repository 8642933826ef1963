import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { forwardedSignals } from '../../src/cli/forwarded-signals.ts';

const numbers = (hasTerminal: boolean) =>
  forwardedSignals(hasTerminal)
    .map((name) => constants.signals[name])
    .sort((a, b) => a - b);

describe('forwarded signals', () => {
  it('are all but those of the kernel, of gocker and of faults, each once', () => {
    expect(numbers(false)).toEqual([
      1, 2, 3, 5, 6, 10, 12, 14, 15, 16, 18, 20, 21, 22, 24, 26, 28, 29, 30, 31,
    ]);
  });
  it("leave a terminal its shell's job control and its window", () => {
    expect(numbers(true)).toEqual(numbers(false).filter((number) => ![20, 21, 22, 28].includes(number)));
  });
  it('can be listened to', () => {
    for (const name of forwardedSignals(false)) {
      const listener = () => undefined;
      process.on(name, listener);
      process.off(name, listener);
    }
  });
});

import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  CUT,
  expectWhole,
  KIB,
  LEFT,
  layer,
  misbehave,
  notes,
  part,
  pull,
  ranges,
  servers,
  stopped,
} from './resumed.ts';

describe.skipIf(process.getuid?.() !== 0)('what had come of a layer', () => {
  it.each([
    ['damaged at its start', () => flip(10), 0],
    ['damaged in the middle', () => flip(300 * KIB), 256 * KIB],
    ['cut short', () => truncateSync(part(), 600 * KIB), 512 * KIB],
    ['zeros from some place on', () => zeroFrom(520 * KIB), 512 * KIB],
    ['longer than the layer', () => truncateSync(part(), layer.size + 1), 0],
    ['as long as the layer, and not it', () => truncateSync(part(), layer.size), 0],
    ['without notes', () => writeFileSync(notes(), ''), 0],
  ])('%s: what is still right is used', async (_, damage, expected) => {
    await stopped();
    damage();
    await expectWhole(await pull());
    expect(ranges(0)).toEqual([expected === 0 ? 'all' : `bytes=${expected}-`]);
  });

  it('wrong as it was served: all is fetched again, once, and it is said', async () => {
    misbehave(0, { flipByte: 5000, cutAfter: CUT, times: 1 });
    misbehave(0, { status: 404, times: 1 });
    await expect(pull()).rejects.toThrow('does not have blob');
    servers[0]!.reset();
    const result = await pull();
    expect(ranges(0)).toEqual([`bytes=${LEFT}-`, 'all']);
    expect(result.lines).toEqual([expect.stringContaining('an earlier pull and http')]);
    expect(result.resumed).toBe(0);
    await expectWhole(result);
  });

  function flip(at: number): void {
    const bytes = readFileSync(part());
    bytes[at] = bytes[at]! ^ 1;
    writeFileSync(part(), bytes);
  }

  function zeroFrom(at: number): void {
    truncateSync(part(), at);
    truncateSync(part(), LEFT);
  }
});

import { describe, expect, it } from 'vitest';
import { parseLimits } from '../../src/cli/limits.ts';

const MIB = 1024 ** 2;

describe('parseLimits', () => {
  it.each([
    [{}, {}],
    [{ mem: '64' }, { memory: 64 * MIB, memorySwap: 128 * MIB }],
    [{ mem: '6m' }, { memory: 6 * MIB, memorySwap: 12 * MIB }],
    [{ memory: '67108864' }, { memory: 64 * MIB, memorySwap: 128 * MIB }],
    [
      { mem: '64', swap: '0' },
      { memory: 64 * MIB, memorySwap: 64 * MIB },
    ],
    [
      { mem: '64', swap: '16' },
      { memory: 64 * MIB, memorySwap: 80 * MIB },
    ],
    [
      { mem: '64', swap: '-1' },
      { memory: 64 * MIB, memorySwap: -1 },
    ],
    [
      { memory: '64m', 'memory-swap': '64m' },
      { memory: 64 * MIB, memorySwap: 64 * MIB },
    ],
    [
      { memory: '64m', 'memory-swap': '-1' },
      { memory: 64 * MIB, memorySwap: -1 },
    ],
    [
      { memory: '64m', 'memory-swap': '0' },
      { memory: 64 * MIB, memorySwap: 128 * MIB },
    ],
    [{ mem: '-1', pids: '-1', swap: '-1' }, {}],
    [{ cpus: '0.5' }, { cpus: 0.5 }],
    [{ cpus: '2' }, { cpus: 2 }],
    [{ cpus: '.05' }, { cpus: 0.05 }],
    [{ cpus: '0' }, {}],
    [{ pids: '1' }, { pids: 1 }],
    [{ pids: '0' }, {}],
  ])('%j', (flags, limits) => {
    expect(parseLimits(flags, 2)).toEqual(limits);
  });

  it.each([
    [{ mem: '64', memory: '64m' }, 'mean the same'],
    [{ memory: '64' }, 'a memory limit of 64 bytes is too small'],
    [{ mem: '5m' }, 'too small'],
    [{ swap: '64' }, 'a swap limit needs a memory limit'],
    [{ 'memory-swap': '64m' }, 'a swap limit needs a memory limit'],
    [{ mem: '64', swap: '1', 'memory-swap': '1g' }, 'exclude each other'],
    [{ memory: '64m', 'memory-swap': '32m' }, 'less than the memory limit'],
    [{ cpus: '2.5' }, 'invalid number "2.5" for --cpus'],
    [{ cpus: '-1' }, 'for --cpus'],
    [{ cpus: '0.001' }, 'for --cpus'],
    [{ cpus: 'all' }, 'for --cpus'],
    [{ pids: '1.5' }, 'invalid number "1.5" for --pids'],
    [{ pids: '-2' }, 'invalid number "-2" for --pids'],
    [{ mem: 'lots' }, 'invalid size "lots" for --mem'],
  ])('refuses %j', (flags, message) => {
    expect(() => parseLimits(flags, 2)).toThrow(message);
  });
});

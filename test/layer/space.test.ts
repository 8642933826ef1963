import { describe, expect, it } from 'vitest';
import { fakeSyscalls } from '../../native/fake.ts';
import { createSpaceGuard, spaceOf } from '../../src/layer/space.ts';

const MIB = 1024 * 1024;

/** A disk of 1000 MiB of which so much is free, which one can change. */
function disk(freeMiB: number) {
  const state = { freeMiB, asked: 0 };
  const fstatfs = () => {
    state.asked++;
    return { type: 0, blocks: 256_000, bavail: state.freeMiB * 256, bsize: 4096, ffree: 1 };
  };
  return { state, ...fakeSyscalls({ fstatfs }) };
}

describe('spaceOf', () => {
  it.each([
    ['a hundredth of a small file system', 256_000, 990],
    ['64 MiB of a large one', 25_600_000, 936],
  ])('keeps back %s', (_, blocks, usable) => {
    const fstatfs = { type: 0, blocks, bavail: 256_000, bsize: 4096, ffree: 1 };
    const { syscalls } = fakeSyscalls({ fstatfs });
    expect(spaceOf(syscalls, 3)).toEqual({ usable: usable * MIB, free: 1000 * MIB });
  });

  it('takes a file system without a limit for endless', () => {
    const { syscalls } = fakeSyscalls({ fstatfs: { type: 0, blocks: 0, bavail: 0, bsize: 4096, ffree: 0 } });
    expect(spaceOf(syscalls, 3).usable).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('createSpaceGuard', () => {
  it('lets pass what fits, and looks only now and then', () => {
    const { state, syscalls } = disk(1000);
    const expectSpace = createSpaceGuard(syscalls, 3);
    for (let written = 0; written < 800; written++, state.freeMiB--) expectSpace(MIB);
    expect(state.asked).toBeGreaterThan(10);
    expect(state.asked).toBeLessThan(150);
  });

  it.each([1, 8])('throws before the reserve is touched, though a byte takes %i on the disk', (growth) => {
    const { state, syscalls } = disk(1000);
    const expectSpace = createSpaceGuard(syscalls, 3);
    const fill = () => {
      for (; state.freeMiB > 0; state.freeMiB -= growth / 4) expectSpace(MIB / 4);
    };
    expect(fill).toThrow(expect.objectContaining({ code: 'NO_SPACE' }));
    expect(state.freeMiB).toBeGreaterThan(10 - growth / 4);
  });
});

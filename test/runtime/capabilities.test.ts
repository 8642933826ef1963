import { describe, expect, it } from 'vitest';
import { capabilityMask, DEFAULT_CAPABILITIES } from '../../src/runtime/capabilities.ts';

describe('capabilities', () => {
  it("are docker's fourteen unless told otherwise", () => {
    expect(DEFAULT_CAPABILITIES).toHaveLength(14);
    expect(capabilityMask(DEFAULT_CAPABILITIES).toString(16)).toBe('a80425fb');
  });
  it('have the numbers of the kernel', () => {
    expect(capabilityMask(['CAP_CHOWN'])).toBe(1n);
    expect(capabilityMask(['CAP_SYS_ADMIN'])).toBe(1n << 21n);
    expect(capabilityMask(['CAP_CHECKPOINT_RESTORE'])).toBe(1n << 40n);
  });
  it('are refused by a name that is none', () => {
    expect(() => capabilityMask(['CAP_EVERYTHING'])).toThrow('unknown capability CAP_EVERYTHING');
  });
});

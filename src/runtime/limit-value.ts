/** RLIM_INFINITY of 64 bits (getrlimit(2)). */
const UNLIMITED = 2n ** 64n - 1n;

/** The value of a limit as prlimit(2) takes it; negative is none. */
export function limitValue(limit: number): bigint {
  return limit < 0 ? UNLIMITED : BigInt(limit);
}

import { UsageError } from '../errors.ts';

const MIB = 1024 ** 2;
const UNITS: Record<string, number> = { b: 1, k: 1024, m: MIB, g: 1024 ** 3, t: 1024 ** 4, p: 1024 ** 5 };
/** go-units' RAMInBytes: a number, a binary unit, and `i`, `b` or `ib` for those who write them. */
const SIZE = /^(\d+(?:\.\d+)?) ?([bkmgtp])?i?b?$/i;

/**
 * Bytes from `64m`, `1g`, `1.5GiB`, `512k`, `4096b`. A bare integer counts in `bare` units: docker's flags
 * (`--memory`) take bytes, gocker's own (`--mem`) MiB, as its forebears did. Throws a UsageError that names the flag.
 */
export function parseSize(text: string, flag: string, bare: 'bytes' | 'MiB' = 'bytes'): number {
  const match = SIZE.exec(text);
  if (!match) {
    throw new UsageError('INVALID_SIZE', `invalid size ${JSON.stringify(text)} for ${flag}`, {
      hint: `write a number with a unit, as in ${flag}=64m (b, k, m, g)`,
    });
  }
  const hasUnit = !/^[\d.]+$/.test(text);
  const unit = hasUnit ? UNITS[match[2]?.toLowerCase() ?? 'b']! : bare === 'MiB' ? MIB : 1;
  return Math.floor(Number(match[1]) * unit);
}

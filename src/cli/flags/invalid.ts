import { UsageError } from '../../errors.ts';
import { quoted } from '../../image/printable.ts';

/** `invalid argument "x" for --flag: why`, docker's form of words. */
export function invalidArgument(
  flag: string,
  value: string,
  why: { why: string; hint?: string },
): UsageError {
  return new UsageError('INVALID_ARGUMENT', `invalid argument ${quoted(value)} for ${flag}: ${why.why}`, {
    hint: why.hint,
  });
}

import { UsageError } from '../../errors.ts';
import { quoted } from '../printable.ts';

/** For an instruction that cannot be carried out. */
export function invalidChange(instruction: string, why: string): UsageError {
  return new UsageError('INVALID_CHANGE', `cannot change the image by ${quoted(instruction)}: ${why}`, {
    hint: 'instructions are written as in a Dockerfile, such as: -c \'CMD ["sleep", "60"]\' -c "ENV DEBUG=1"',
  });
}

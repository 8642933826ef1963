import { EXIT } from '../errors.ts';
import { describeError } from './report.ts';

/**
 * Does the same for each name, as `rm A B C` does: one that fails is reported, the others go on, and the exit code tells.
 */
export async function forEach(names: string[], work: (name: string) => Promise<void>): Promise<void> {
  for (const name of names) {
    try {
      await work(name);
    } catch (error) {
      process.stderr.write(describeError(error, {}).text);
      process.exitCode = EXIT.FAILURE;
    }
  }
}

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

/**
 * The same for all at once. What the work resolves to is done in the order of the names, so that the output does not
 * depend on who is first.
 */
export async function forAll(names: string[], work: (name: string) => Promise<() => void>): Promise<void> {
  const done = names.map((name) => work(name));
  for (const one of done) one.catch(() => undefined);
  await forEach(names, async (name) => {
    (await done[names.indexOf(name)])?.();
  });
}

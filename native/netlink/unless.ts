import { hasCode } from '../../src/errors.ts';

/** What the kernel answers, or something else where it refuses with one of these errnos, which say that there is none. */
export function unless<T>(codes: string[], otherwise: T, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    if (hasCode(error, ...codes)) return otherwise;
    throw error;
  }
}

import { readdirSync } from 'node:fs';
import { hasCode } from '../errors.ts';

/** What stands in a directory, in no order; nothing where there is none. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

import { readFileSync } from 'node:fs';
import { GockerError, hasCode } from '../src/errors.ts';

/**
 * What `replace` wrote; undefined when there is no such file. Throws STATE_DAMAGED for one that is no JSON, as an empty one after a
 * loss of power.
 */
export function readJSON<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    if (error instanceof SyntaxError) throw damaged(file, error);
    throw error;
  }
}

function damaged(file: string, cause: SyntaxError): GockerError {
  return new GockerError('STATE_DAMAGED', `the record ${file} is damaged: it is not JSON`, {
    hint: 'stop the containers on its network, remove the file, and start them again',
    cause,
  });
}

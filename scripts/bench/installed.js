import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** True for a program that the PATH leads to. */
export function installed(program) {
  return (process.env.PATH ?? '').split(':').some((place) => existsSync(join(place, program)));
}

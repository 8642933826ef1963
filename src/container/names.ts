import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConflictError, hasCode, UsageError } from '../errors.ts';
import type { ContainerContext } from './context.ts';
import { listDirectories } from './record.ts';
import { ADJECTIVES, NOUNS } from './words.ts';

/** docker's rule (moby/daemon/names). */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}$/;
const ATTEMPTS = 20;

type Names = Pick<ContainerContext, 'root' | 'withLock'>;

/** True for a text that may be a container's name. */
export function isName(text: string): boolean {
  return NAME.test(text) && !/^[0-9a-f]{64}$/.test(text);
}

/** Throws a UsageError unless the text may be a container's name. */
export function checkName(name: string): void {
  if (isName(name)) return;
  throw new UsageError('INVALID_NAME', `invalid container name ${JSON.stringify(name)}`, {
    hint: 'a name is 2 to 128 letters, digits, "_", "." and "-", begins with a letter or digit, and is not an ID',
  });
}

/**
 * Takes the wanted name, or one that reads well, for the container `id`, whose staged directory must exist already: a
 * name whose container has no directory is free. Throws a ConflictError that names the holder.
 */
export async function reserveName(context: Names, id: string, wanted?: string): Promise<string> {
  const names = join(context.root, 'names');
  mkdirSync(names, { recursive: true, mode: 0o700 });
  return await context.withLock(join(names, '.lock'), async () => {
    for (let attempt = 0; ; attempt++) {
      const name = wanted ?? generateName(attempt);
      const holder = await holderOf(context.root, name);
      if (holder === undefined || (wanted !== undefined && holder === id)) {
        writeFileSync(join(names, name), id, { mode: 0o600 });
        return name;
      }
      if (wanted !== undefined || attempt > ATTEMPTS) throw nameTaken(name, holder);
    }
  });
}

/** Gives the name back if `id` still holds it. */
export async function releaseName(context: Names, name: string, id: string): Promise<void> {
  const names = join(context.root, 'names');
  mkdirSync(names, { recursive: true, mode: 0o700 });
  await context.withLock(join(names, '.lock'), async () => {
    if (readHolder(context.root, name) === id) unlinkSync(join(names, name));
  });
}

/** `brave_otter`; later attempts carry a number, so that one is free even among thousands. */
export function generateName(attempt: number): string {
  const pair = `${ADJECTIVES[randomInt(ADJECTIVES.length)]}_${NOUNS[randomInt(NOUNS.length)]}`;
  return attempt < 5 ? pair : `${pair}${randomInt(1000)}`;
}

async function holderOf(root: string, name: string): Promise<string | undefined> {
  const holder = readHolder(root, name);
  if (holder === undefined) return undefined;
  const { ids, staged } = await listDirectories(root);
  const exists = ids.includes(holder) || staged.some((one) => one.id === holder && one.stage === 'new');
  return exists ? holder : undefined;
}

/** Whose the name is, as far as its file says. */
export function readHolder(root: string, name: string): string | undefined {
  try {
    return readFileSync(join(root, 'names', name), 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function nameTaken(name: string, holder: string): ConflictError {
  return new ConflictError(
    'NAME_IN_USE',
    `the container name "${name}" is already in use by container ${holder.slice(0, 12)}`,
    { hint: `remove that container (gocker rm ${name}) or choose another name` },
  );
}

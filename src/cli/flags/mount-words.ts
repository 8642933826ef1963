/** What -v and --mount share. */
import { posix, resolve } from 'node:path';
import type { MountRequest } from '../../engine.ts';

type IdMap = NonNullable<MountRequest['idmap']>;

export const PROPAGATIONS = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'] as const;

export function isPropagation(word: string): word is (typeof PROPAGATIONS)[number] {
  return (PROPAGATIONS as readonly string[]).includes(word);
}

/** Docker's clean form of a path in a container: absolute, without `..` and a last slash. */
export function cleanPath(path: string): string {
  return posix.resolve('/', path);
}

/** A host path as it was written, when it is absolute; one that begins with a dot from the working directory. */
export function hostPath(text: string, cwd: string): string {
  return /^\.{1,2}(\/|$)/.test(text) ? resolve(cwd, text) : text.startsWith('/') ? posix.resolve(text) : text;
}

/** Every owner as it is. */
const IDENTITY: IdMap['uids'] = [[0, 0, 4294967295]];

/**
 * `uids=0-1000-1#1-100000-65535;gids=...`, crun's form: first ID on the file system, first ID that is seen, how many. What is
 * left out stays as it is. Undefined for anything else.
 */
export function parseIdmap(text: string): IdMap | undefined {
  const map: Partial<IdMap> = {};
  for (const part of text.split(';')) {
    const [, kind, ranges] = /^(uids|gids)=(.+)$/.exec(part) ?? [];
    const parsed = ranges?.split('#').map(parseRange);
    if (kind === undefined || parsed === undefined || parsed.includes(undefined)) return undefined;
    map[kind as keyof IdMap] = parsed as IdMap['uids'];
  }
  return { uids: map.uids ?? IDENTITY, gids: map.gids ?? IDENTITY };
}

function parseRange(text: string): IdMap['uids'][number] | undefined {
  const match = /^(\d{1,10})-(\d{1,10})-(\d{1,10})$/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

import { readFileSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import { quoted } from '../image/printable.ts';

type Environment = Record<string, string | undefined>;

/**
 * The variables of `--env-file` and `-e`, files first, for `mergeEnv`. `KEY` alone is copied from the caller; from `-e`
 * it stays `KEY`, which takes the variable away, when the caller has none (docker's rules: cli/opts).
 */
export function readEnvFlags(
  flags: { env?: string[] | undefined; 'env-file'?: string[] | undefined },
  caller: Environment,
): string[] {
  const files = (flags['env-file'] ?? []).flatMap((path) => parseEnvFile(readEnvFile(path), path, caller));
  return [...files, ...(flags.env ?? []).map((entry) => completeEntry(entry, caller))];
}

/** One entry of `-e`. Throws a UsageError when it has no name. */
export function completeEntry(entry: string, caller: Environment): string {
  const equals = entry.indexOf('=');
  if (entry === '' || equals === 0) {
    throw new UsageError('INVALID_ENV', `invalid environment variable ${quoted(entry)}`, {
      hint: 'write KEY=VALUE, or KEY to hand on your own',
    });
  }
  return equals === -1 && caller[entry] !== undefined ? `${entry}=${caller[entry]}` : entry;
}

/** `KEY=VALUE` lines, everything after the first `=` as it stands; `#` starts a comment line. */
export function parseEnvFile(text: string, path: string, caller: Environment): string[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  return lines.flatMap((line, index) => {
    const trimmed = line.trimStart();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const name = trimmed.split('=', 1)[0]!;
    if (name === '' || /\s/.test(name)) {
      throw new UsageError(
        'INVALID_ENV',
        `${path}, line ${index + 1}: invalid variable name ${quoted(name)}`,
        {
          hint: 'write KEY=VALUE, without spaces around the =',
        },
      );
    }
    if (trimmed.includes('=')) return [trimmed];
    return caller[name] === undefined ? [] : [`${name}=${caller[name]}`];
  });
}

function readEnvFile(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new UsageError('ENV_FILE', `cannot read --env-file ${quoted(path)}: ${cause.message}`, { cause });
  }
}

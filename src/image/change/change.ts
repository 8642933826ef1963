import type { ImageRunConfig } from '../types.ts';
import { invalidChange } from './error.ts';
import { INSTRUCTIONS } from './instructions.ts';

/**
 * An image's config as `--change` of docker's `commit` and `import` wants it: each text holds instructions as a Dockerfile
 * has them, one a line. Later ones see what earlier ones did. Throws INVALID_CHANGE.
 */
export function applyChanges(config: ImageRunConfig, changes: readonly string[]): ImageRunConfig {
  return changes.flatMap(linesOf).reduce(applyOne, config);
}

/** A line that ends in a backslash goes on in the next one; empty ones and comments say nothing. */
function linesOf(change: string): string[] {
  const lines = change
    .split(/\r?\n/)
    .filter((line) => !/^\s*(?:#|$)/.test(line))
    .join('\n')
    .replace(/\\[ \t]*\n/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length > 0) return lines;
  throw invalidChange(change, 'there is no instruction in it');
}

function applyOne(config: ImageRunConfig, line: string): ImageRunConfig {
  const [, name = '', text = ''] = /^(\S+)\s*(.*)$/s.exec(line)!;
  const carry = Object.hasOwn(INSTRUCTIONS, name.toLowerCase())
    ? INSTRUCTIONS[name.toLowerCase()]
    : undefined;
  if (carry === undefined) {
    throw invalidChange(line, `it can be ${Object.keys(INSTRUCTIONS).sort().join(', ').toUpperCase()}`);
  }
  try {
    return withoutEmpty({ ...config, ...carry({ text, config }) });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw invalidChange(line, error.message);
  }
}

/** A config says nothing of what it does not have. */
function withoutEmpty(config: ImageRunConfig): ImageRunConfig {
  const isSaid = ([, value]: [string, unknown]) => !Array.isArray(value) || value.length > 0;
  return Object.fromEntries(Object.entries(config).filter(isSaid));
}

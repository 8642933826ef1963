import { readFileSync } from 'node:fs';
import { UsageError } from '../../errors.ts';
import { quoted } from '../../image/printable.ts';
import { invalidArgument } from './invalid.ts';

/** Labels of `--label-file`, then of `--label`; `KEY` alone has an empty value. Throws a UsageError. */
export function parseLabels(labels: string[] = [], files: string[] = []): Record<string, string> {
  const lines = [...files.flatMap(readLabelFile), ...labels];
  return Object.fromEntries(
    lines.map((line) => {
      const equals = line.indexOf('=');
      const key = equals === -1 ? line : line.slice(0, equals);
      if (key === '')
        throw invalidArgument('--label', line, { why: 'it has no key', hint: 'write KEY=VALUE' });
      return [key, equals === -1 ? '' : line.slice(equals + 1)];
    }),
  );
}

function readLabelFile(path: string): string[] {
  try {
    const lines = readFileSync(path, 'utf8')
      .replace(/^\ufeff/, '')
      .split(/\r?\n/);
    return lines.map((line) => line.trimStart()).filter((line) => line !== '' && !line.startsWith('#'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError('LABEL_FILE', `cannot read --label-file ${quoted(path)}: ${why}`, { cause });
  }
}

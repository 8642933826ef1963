import { forEach } from './each.ts';
import { parseTemplate } from './template.ts';

/** A JSON array for programs, as `inspect` and `--json` print it. */
export function jsonText(items: unknown[]): string {
  return `${JSON.stringify(items, null, 4)}\n`;
}

/**
 * What `inspect` prints: a JSON array of what was found, or the template once for each. Names that are not found are
 * reported and left out.
 */
export async function printInspection(
  names: string[],
  format: string | undefined,
  inspect: (name: string) => Promise<unknown>,
): Promise<string> {
  const render = format === undefined ? undefined : parseTemplate(format);
  const found: unknown[] = [];
  await forEach(names, async (name) => {
    found.push(await inspect(name));
  });
  if (format === 'json') return found.map((one) => `${JSON.stringify(one)}\n`).join('');
  return render ? found.map((one) => `${render(one)}\n`).join('') : jsonText(found);
}

import { forEach } from './each.ts';
import { parseTemplate } from './template.ts';

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
  return render ? found.map((one) => `${render(one)}\n`).join('') : `${JSON.stringify(found, null, 4)}\n`;
}

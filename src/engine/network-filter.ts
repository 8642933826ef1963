/** `network ls --filter`: which networks a person means. Pure; the words and rules are docker's. */

import { UsageError } from '../errors.ts';
import { hasLabel } from '../image/conditions.ts';
import { quoted } from '../image/printable.ts';
import { driverName } from '../network/inspect.ts';
import { isPredefined } from '../network/predefined.ts';
import type { NetworkRecord } from '../network/schema.ts';

type Fits = (network: NetworkRecord, value: string, isUsed: boolean) => boolean;

const FILTERS: Record<string, Fits> = {
  name: ({ name }, value) => name.includes(value),
  id: ({ id }, value) => id.startsWith(value),
  driver: (network, value) => driverName(network) === value,
  scope: (_, value) => value === 'local',
  type: ({ name }, value) => isPredefined(name) === (value === 'builtin'),
  dangling: ({ name }, value, isUsed) => (!isUsed && !isPredefined(name)) === isTrue(value),
  label: ({ labels }, value) => hasLabel(labels, value),
};

/**
 * A test of networks for `key=value` each; a network must fit one of the values of each key, and all labels. Throws a
 * UsageError for a key or value that is none.
 */
export function parseNetworkFilters(texts: string[]): (network: NetworkRecord, isUsed: boolean) => boolean {
  const filters = new Map<string, string[]>();
  for (const text of texts) {
    const equals = text.indexOf('=');
    const key = text.slice(0, Math.max(0, equals)).trim().toLowerCase();
    const value = text.slice(equals + 1).trim();
    checkFilter(text, { key, value });
    filters.set(key, [...(filters.get(key) ?? []), value]);
  }
  return (network, isUsed) =>
    [...filters].every(([key, values]) => {
      const fits = (value: string) => FILTERS[key]!(network, value, isUsed);
      return key === 'label' ? values.every(fits) : values.some(fits);
    });
}

function checkFilter(text: string, { key, value }: { key: string; value: string }): void {
  if (!Object.hasOwn(FILTERS, key)) throw invalid(text, `there are ${Object.keys(FILTERS).join(', ')}`);
  if (key === 'type' && !['custom', 'builtin'].includes(value))
    throw invalid(text, 'it is custom or builtin');
  if (key === 'dangling' && !/^(true|false|1|0)$/.test(value)) throw invalid(text, 'it is true or false');
}

function isTrue(value: string): boolean {
  return value === 'true' || value === '1';
}

function invalid(text: string, why: string): UsageError {
  return new UsageError('INVALID_FILTER', `invalid filter ${quoted(text)}: ${why}`, {
    hint: 'as in --filter driver=bridge or --filter label=KEY=VALUE',
  });
}

/** `volume ls --filter` and `volume prune --filter`. Pure; the words and rules are docker's. */
import { UsageError } from '../../errors.ts';
import { hasLabel } from '../../image/conditions.ts';
import { quoted } from '../../image/printable.ts';
import type { VolumeSummary } from './list.ts';

export type VolumeFilters = ((summary: VolumeSummary) => boolean)[];

/** Values of one key are alternatives, except for labels. Throws a UsageError for a key or value that is none. */
export function parseVolumeFilters(texts: string[]): VolumeFilters {
  const filters = texts.map((text) => split(text));
  const names = filters.filter(({ key }) => key === 'name').map(({ value }) => value);
  const drivers = filters.filter(({ key }) => key === 'driver').map(({ value }) => value);
  return [
    ...filters.flatMap(({ key, value, text }) => condition(key, value, text)),
    ...(names.length > 0
      ? [({ volume }: VolumeSummary) => names.some((name) => volume.name.includes(name))]
      : []),
    ...(drivers.length > 0 ? [() => drivers.includes('local')] : []),
  ];
}

/** Those of `prune`, and whether named volumes go too. */
export function parsePruneFilters(texts: string[]): { fits: VolumeFilters; all: boolean } {
  const filters = texts.map((text) => split(text));
  const bad = filters.find(({ key }) => !['label', 'label!', 'all'].includes(key));
  if (bad) throw invalid(bad.text, 'there are all, label and label!');
  const all = filters.filter(({ key }) => key === 'all').some(({ value, text }) => isTrue(value, text));
  const rest = filters.filter(({ key }) => key !== 'all');
  return { fits: rest.flatMap(({ key, value, text }) => condition(key, value, text)), all };
}

function condition(key: string, value: string, text: string): VolumeFilters {
  switch (key) {
    case 'dangling': {
      const wanted = isTrue(value, text);
      return [({ users }) => (users.length === 0) === wanted];
    }
    case 'label':
      return [({ volume }) => hasLabel(volume.labels, value)];
    case 'label!':
      return [({ volume }) => !hasLabel(volume.labels, value)];
    case 'name':
    case 'driver':
      return [];
    default:
      throw invalid(text, 'there are dangling, driver, label and name');
  }
}

function split(text: string): { key: string; value: string; text: string } {
  const [, key = '', value = ''] = /^([^=]*?)=([\s\S]*)$/.exec(text) ?? [];
  if (key === '') throw invalid(text, 'it is not KEY=VALUE');
  return { key: key.trim().toLowerCase(), value: value.trim(), text };
}

function isTrue(value: string, text: string): boolean {
  if (['1', 'true'].includes(value)) return true;
  if (['0', 'false'].includes(value)) return false;
  throw invalid(text, 'it is neither true nor false');
}

function invalid(text: string, why: string): UsageError {
  return new UsageError('INVALID_FILTER', `invalid filter ${quoted(text)}: ${why}`, {
    hint: 'as in --filter dangling=true or --filter label=KEY=VALUE',
  });
}

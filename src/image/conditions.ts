/** `--filter` of the prune commands: how old, and which labels. Pure; the words are docker's. */
import { UsageError } from '../errors.ts';
import { quoted } from './printable.ts';

/** What can be pruned, as far as filters ask. */
export interface Prunable {
  labels: Record<string, string>;
  /** ISO 8601. */
  created?: string | undefined;
}

type Condition = (thing: Prunable) => boolean;

/** True for what fits all filters: `until=`, `label=`, `label!=`. Throws a UsageError. */
export function parseConditions(filters: readonly string[], now: Date): Condition {
  const conditions = filters.map((filter) => parseCondition(filter, now));
  return (thing) => conditions.every((fits) => fits(thing));
}

function parseCondition(text: string, now: Date): Condition {
  const [, key = '', not = '', value = ''] = /^(until|label)(!?)=([\s\S]+)$/.exec(text) ?? [];
  if (key === 'label') return ({ labels }) => hasLabel(labels, value) === (not === '');
  const until = key === 'until' && not === '' ? momentOf(value, now) : Number.NaN;
  if (!Number.isNaN(until)) return ({ created = '' }) => Date.parse(created) < until;
  throw new UsageError('INVALID_FILTER', `invalid filter ${quoted(text)}`, {
    hint: 'there are until=24h, until=2026-01-31T12:00:00, label=KEY[=VALUE] and label!=KEY[=VALUE]',
  });
}

/** True for `key` when it is there, for `key=value` when it is that. */
export function hasLabel(labels: Record<string, string>, wanted: string): boolean {
  const equals = wanted.indexOf('=');
  if (equals === -1) return Object.hasOwn(labels, wanted);
  const key = wanted.slice(0, equals);
  return Object.hasOwn(labels, key) && labels[key] === wanted.slice(equals + 1);
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A Unix time, a date, or how long ago as Go writes durations (`1h30m`); in milliseconds. */
function momentOf(text: string, now: Date): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(\d+(?:\.\d+)?(ms|s|m|h))+$/.test(text)) return Date.parse(text);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  return now.getTime() - parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit!]!, 0);
}

import { UsageError } from '../errors.ts';
import { durationOf } from '../image/duration.ts';

/** Milliseconds of `1h30m`, `500ms`, `0` (Go's time.ParseDuration, without signs). Throws a UsageError that names the flag. */
export function parseDuration(text: string, flag: string): number {
  const duration = durationOf(text);
  if (duration !== undefined) return duration;
  throw new UsageError('INVALID_DURATION', `invalid duration ${JSON.stringify(text)} for ${flag}`, {
    hint: 'give a number with a unit, such as 500ms, 30s or 1m30s',
  });
}

/**
 * Milliseconds since the epoch of what docker takes for --since: a date and time (RFC 3339, local where it names no zone),
 * seconds since the epoch, or a duration before `now`. Throws a UsageError that names the flag.
 */
export function parseMoment(text: string, flag: string, now: number): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const before = durationOf(text);
  if (before !== undefined) return now - before;
  const date = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text;
  const moment = /^\d{4}-\d\d-\d\dT/.test(date) ? Date.parse(date) : Number.NaN;
  if (!Number.isNaN(moment)) return moment;
  throw new UsageError('INVALID_TIME', `invalid time ${JSON.stringify(text)} for ${flag}`, {
    hint: 'give 2026-01-31T12:00:00, seconds since 1970, or how long ago, such as 10m',
  });
}

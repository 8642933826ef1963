/** Numbers and times in docker's words (go-units). */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Decimal, three significant digits: `7.8MB`, `331MB`, `1.24GB`. */
export function formatSize(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))}${UNITS[unit]}`;
}

const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Binary, four significant digits: `584KiB`, `23.54GiB`. */
export function formatBinarySize(bytes: number): string {
  const unit = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), BINARY_UNITS.length - 1);
  return `${Number((bytes / 1024 ** unit).toPrecision(4))}${BINARY_UNITS[unit]}`;
}

const HOUR = 3600;
const DAY = 24 * HOUR;
/** Below how many seconds, counted in what. */
const STEPS: [below: number, unit: number, word: string][] = [
  [60, 1, 'seconds'],
  [HOUR, 60, 'minutes'],
  [2 * DAY, HOUR, 'hours'],
  [14 * DAY, DAY, 'days'],
  [60 * DAY, 7 * DAY, 'weeks'],
  [730 * DAY, 30 * DAY, 'months'],
  [Number.POSITIVE_INFINITY, 365 * DAY, 'years'],
];

/** `3 seconds`, `About a minute`, `2 hours`; a time in the future (a clock set back) counts as now. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.floor(Math.max(0, milliseconds) / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds >= 60 && seconds < 120) return 'About a minute';
  if (seconds >= HOUR && seconds < 1.5 * HOUR) return 'About an hour';
  const [, unit, word] = STEPS.find(([below]) => seconds < below)!;
  const count = unit === HOUR ? Math.round(seconds / HOUR) : Math.floor(seconds / unit);
  return `${count} ${word}`;
}

/** `3 seconds ago`; `N/A` for an image that does not say. */
export function formatAge(when: string | undefined, now: number): string {
  const time = when === undefined ? Number.NaN : Date.parse(when);
  return Number.isNaN(time) ? 'N/A' : `${formatDuration(now - time)} ago`;
}

/** `2026-11-21 03:15:00 +0000 UTC`, docker's CreatedAt. */
export function formatTimestamp(when: string | undefined): string {
  const time = when === undefined ? Number.NaN : Date.parse(when);
  if (Number.isNaN(time)) return 'N/A';
  const iso = new Date(time).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} +0000 UTC`;
}

/** At most `width` characters, the last one `…` when something was cut. */
export function ellipsis(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join('')}…`;
}

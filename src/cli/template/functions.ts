/** The functions of templates: docker's (cli, templates.go) and Go's own (text/template). */
import { UsageError } from '../../errors.ts';
import { printable } from '../../image/printable.ts';

type Function = (...values: unknown[]) => unknown;

/** As text for other functions. */
const text = (value: unknown) => (value instanceof Harmless ? value.text : plainText(value));
const harmless = (values: unknown[], separator: string) =>
  new Harmless(values.map(shownText).join(separator));
const number = (value: unknown) => Number(value);
const isEqual = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Go's idea of what is nothing. */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

export const FUNCTIONS: Record<string, Function> = {
  json: (value) => new Harmless(JSON.stringify(value ?? null)),
  upper: (value) => text(value).toUpperCase(),
  lower: (value) => text(value).toLowerCase(),
  title: (value) => text(value).replace(/\b\p{L}/gu, (letter) => letter.toUpperCase()),
  join: (list, separator) => harmless(Object.values(list ?? []), text(separator)),
  split: (value, separator) => text(value).split(text(separator)),
  pad: (value, before, after) => ' '.repeat(number(before)) + text(value) + ' '.repeat(number(after)),
  truncate: (value, length) => [...text(value)].slice(0, number(length)).join(''),
  println: (...values) => new Harmless(`${harmless(values, ' ').text}\n`),
  print: (...values) => harmless(values, ''),
  printf: (format, ...values) => new Harmless(formatText(text(format), values)),
  len: (value) => (typeof value === 'string' ? Buffer.byteLength(value) : Object.keys(value ?? {}).length),
  index: (value, ...keys) => keys.reduce(indexOne, value),
  slice: (value, from = 0, to) =>
    (value as string | unknown[]).slice(number(from), to === undefined ? undefined : number(to)),
  eq: (value, ...others) => others.some((other) => isEqual(value, other)),
  ne: (a, b) => !isEqual(a, b),
  lt: (a, b) => (a as number) < (b as number),
  le: (a, b) => (a as number) <= (b as number),
  gt: (a, b) => (a as number) > (b as number),
  ge: (a, b) => (a as number) >= (b as number),
  not: isEmpty,
  and: (...values) => values.find(isEmpty) ?? values.at(-1),
  or: (...values) => values.find((value) => !isEmpty(value)) ?? values.at(-1),
};

function indexOne(value: unknown, key: unknown): unknown {
  if (Array.isArray(value)) {
    if (Number(key) in value) return value[Number(key)];
    throw new UsageError('UNKNOWN_KEY', `no element ${text(key)} in a list of ${value.length}`);
  }
  const found = typeof value === 'object' && value !== null && Object.hasOwn(value, text(key));
  return found ? (value as Record<string, unknown>)[text(key)] : '';
}

/** `%s`, `%v`, `%d`, `%q`, `%t`, `%f` with widths, and `%%`. */
function formatText(format: string, values: unknown[]): string {
  let next = 0;
  return format.replace(
    /%(-?)(\d*)(?:\.(\d+))?([svdqtf%])/g,
    (_, left: string, width: string, digits: string, verb: string) => {
      if (verb === '%') return '%';
      const shown = formatOne(verb, values[next++], digits);
      return left ? shown.padEnd(Number(width)) : shown.padStart(Number(width));
    },
  );
}

function formatOne(verb: string, value: unknown, digits = '6'): string {
  if (verb === 'q') return JSON.stringify(text(value));
  return verb === 'f' ? Number(value).toFixed(Number(digits)) : shownText(value);
}

/** As Go prints values: `[a b]`, `map[k:v]`, `<no value>`; nothing in it acts on the terminal. */
export function plainText(value: unknown): string {
  if (value === null || value === undefined) return '<no value>';
  if (Array.isArray(value)) return `[${value.map(plainText).join(' ')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${entries.map(([key, inner]) => `${key}:${plainText(inner)}`).join(' ')}]`;
  }
  return String(value);
}

/** Text whose foreign parts are harmless already, with line ends that the template asked for. */
export class Harmless {
  constructor(readonly text: string) {}
}

/** What of a value may reach the terminal. */
export function shownText(value: unknown): string {
  return value instanceof Harmless ? value.text : printable(plainText(value), Number.POSITIVE_INFINITY);
}

import { UsageError } from '../errors.ts';
import { printable } from '../image/printable.ts';
import { formatTable } from './table.ts';

/** One thing in a list: docker's JSON keys, in docker's order, and what stands under them. */
export type Row = Record<string, unknown>;

/** A key of the row and the header it has in a table. */
export type Column = [key: string, header: string];

export interface Listing {
  rows: Row[];
  /** The columns of the plain table. */
  columns: Column[];
  /** Headers of further keys, for `table {{.Key}}`. */
  headers?: Record<string, string>;
}

/**
 * The listing as `--format` asks: nothing or `table` for the table, `json` for one object a line, or the simple part of Go's
 * templates (`{{.ID}}`, `{{json .}}`, `table {{.ID}}\t{{.Names}}`). A UsageError names what goes beyond.
 */
export function renderListing(listing: Listing, format?: string): string {
  if (!format || format === 'table') return renderTable(listing);
  if (format === 'json') return listing.rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  if (format.startsWith('table ')) return renderTemplateTable(listing, format.slice('table '.length));
  const render = parseTemplate(format);
  return listing.rows.map((row) => `${render(row)}\n`).join('');
}

function renderTable({ rows, columns }: Listing): string {
  const cells = rows.map((row) => columns.map(([key]) => String(row[key] ?? '')));
  return formatTable(
    columns.map(([, header]) => header),
    cells,
  );
}

function renderTemplateTable(listing: Listing, template: string): string {
  const headers = { ...listing.headers, ...Object.fromEntries(listing.columns) };
  const cells = template.split(/\\t|\t/).map((cell) => {
    const keys = [...cell.matchAll(/\{\{\s*\.(\w+)\s*\}\}/g)].map((match) => match[1]!);
    return {
      header: keys.map((key) => headers[key] ?? key.toUpperCase()).join(' '),
      render: parseTemplate(cell),
    };
  });
  return formatTable(
    cells.map((cell) => cell.header),
    listing.rows.map((row) => cells.map((cell) => cell.render(row))),
  );
}

/** A function that fills the template from a value; `.A.B` walks into it. Throws a UsageError for what it does not know. */
export function parseTemplate(template: string): (value: unknown) => string {
  const parts = template.split(/(\{\{.*?\}\})/).map((part) => {
    if (!part.startsWith('{{')) return () => part.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
    return parseExpression(part.slice(2, -2).trim(), template);
  });
  return (value) => parts.map((part) => part(value)).join('');
}

function parseExpression(expression: string, template: string): (value: unknown) => string {
  const match = /^(json\s+)?\.([\w.]*)$/.exec(expression);
  if (!match) {
    throw new UsageError('UNSUPPORTED_FORMAT', `cannot read {{${expression}}} in --format ${template}`, {
      hint: 'gocker knows json, {{.Key}}, {{.A.B}}, {{json .}} and "table {{.Key}}"; pipe --format json to jq for more',
    });
  }
  const path = match[2]!.split('.').filter(Boolean);
  const print = match[1] ? (found: unknown) => JSON.stringify(found) : printPlain;
  return (value) => print(path.reduce((inner, key) => child(inner, key, template), value));
}

function child(value: unknown, key: string, template: string): unknown {
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, key)) {
    return (value as Record<string, unknown>)[key];
  }
  throw new UsageError('UNKNOWN_KEY', `no key ${JSON.stringify(key)} for --format ${template}`, {
    hint: 'see the keys with --format json',
  });
}

function printPlain(value: unknown): string {
  return typeof value === 'object'
    ? JSON.stringify(value)
    : printable(String(value), Number.POSITIVE_INFINITY);
}

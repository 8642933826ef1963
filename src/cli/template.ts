import { formatTable } from './table.ts';
import { parseTemplate } from './template/evaluate.ts';

export { parseTemplate } from './template/evaluate.ts';

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
    const keys = [...cell.matchAll(/\{\{[^}]*?\.(\w+)(?:\s+"([^"]*)")?[^}]*\}\}/g)];
    return {
      header: keys.map(([, key = '', name]) => name ?? headers[key] ?? key.toUpperCase()).join(' '),
      render: parseTemplate(cell),
    };
  });
  return formatTable(
    cells.map((cell) => cell.header),
    listing.rows.map((row) => cells.map((cell) => cell.render(row))),
  );
}

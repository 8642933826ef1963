import { printable } from '../image/printable.ts';

const GAP = 3;

/** docker's tables: upper-case headers, columns three spaces apart, nothing after the last. One string, lines with `\n`. */
export function formatTable(headers: string[], rows: string[][]): string {
  const lines = [headers, ...rows.map((row) => row.map(onOneLine))];
  const widths = headers.map((_, column) => Math.max(...lines.map((line) => widthOf(line[column] ?? ''))));
  return lines.map((line) => formatLine(line, widths)).join('');
}

function formatLine(cells: string[], widths: number[]): string {
  const padded = cells.map((cell, column) => cell + ' '.repeat(widths[column]! - widthOf(cell) + GAP));
  return `${padded.join('').trimEnd()}\n`;
}

function widthOf(text: string): number {
  return [...text].length;
}

/** Foreign text may not leave its cell nor act on the terminal. */
function onOneLine(cell: string): string {
  return printable(cell, Number.POSITIVE_INFINITY);
}

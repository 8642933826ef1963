/**
 * One record of RFC 4180, as Go's encoding/csv reads it: a field in double quotes may hold commas, and `""` is one of them.
 * Undefined where a quote stands in the middle or is not closed.
 */
export function parseRecord(text: string): string[] | undefined {
  const fields: string[] = [];
  for (let rest = text; ; ) {
    const quotedField = /^"((?:[^"]|"")*)"(,|$)/s.exec(rest);
    const match = quotedField ?? /^([^",]*)(,|$)/s.exec(rest);
    if (match === null) return undefined;
    fields.push(quotedField ? match[1]!.replaceAll('""', '"') : match[1]!);
    if (match[2] === '') return fields;
    rest = rest.slice(match[0].length);
  }
}

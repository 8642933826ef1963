/** Controls, formatting and bidi marks, line separators, lone surrogates, unassigned: what can forge or break a line. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * Foreign text made fit for a terminal: one line, at most `most` characters, every character that a terminal could
 * act on written as `\u{HEX}`. Nothing that a registry, an image or a file said goes into an error without it.
 */
export function printable(text: string, most = 200): string {
  const short = text.length > most ? `${text.slice(0, most)}...` : text;
  return short.replace(UNPRINTABLE, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}

/** The same in double quotes, for values whose ends matter. */
export function quoted(text: string, most = 200): string {
  return `"${printable(text, most)}"`;
}

/** docker's words for what is not there, which scripts match on; `kind` as in `container`. */
export function noSuch(kind: string, text: string): string {
  return `No such ${kind}: ${text === '' ? '""' : printable(text, 200)}`;
}

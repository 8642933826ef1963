import { isUtf8 } from 'node:buffer';
import { MAX_LINE } from './lines.ts';
import type { LogStream } from './open.ts';

/** One line of the file, with docker's keys. */
export interface LogRecord {
  log: string;
  stream: LogStream;
  /** RFC 3339 with nine digits of a second. */
  time: string;
  /** The bytes in base64 where they are no UTF-8, which JSON cannot hold: `log` shows them as well as can be. */
  bytes?: string;
}

/** What the longest line can take: six bytes for each that is escaped, four for three in base64, and all the rest. */
export const MAX_RECORD = 6 * MAX_LINE + (4 * MAX_LINE) / 3 + 256;

const [QUOTE, BACKSLASH, LETTER_U] = [0x22, 0x5c, 0x75];
/** What follows the backslash (RFC 8259, section 7); 0 for what stands for itself. */
const ESCAPES = new Uint8Array(128).fill(LETTER_U, 0, 0x20);
for (const [byte, letter] of Object.entries({ 8: 'b', 9: 't', 10: 'n', 12: 'f', 13: 'r' })) {
  ESCAPES[Number(byte)] = letter.charCodeAt(0);
}
for (const byte of [QUOTE, BACKSLASH]) ESCAPES[byte] = byte;
const HEX = Buffer.from('0123456789abcdef');

/** Writes the record of a line, of at most MAX_LINE bytes, to `out` at `start`; returns where it ends. */
export function encodeRecord(
  out: Buffer,
  start: number,
  { line, stream, time }: { line: Buffer; stream: LogStream; time: string },
): number {
  let at = start + out.write('{"log":"', start);
  const isText = isUtf8(line);
  at = isText ? at + out.write(JSON.stringify(line.toString()).slice(1, -1), at) : writeBytes(out, at, line);
  const bytes = isText ? '' : `,"bytes":"${line.toString('base64')}"`;
  return at + out.write(`","stream":"${stream}","time":"${time}"${bytes}}\n`, at, 'latin1');
}

/**
 * Writes bytes as the inside of a JSON string, U+FFFD for each that is no UTF-8. V8 takes many times longer to make a
 * string of such bytes, and the program that writes them would wait for its log.
 */
function writeBytes(out: Buffer, start: number, bytes: Buffer): number {
  let at = start;
  for (let from = 0; from < bytes.length; ) {
    const byte = bytes[from]!;
    const length = byte < 0x80 ? 1 : characterLength(bytes, from);
    if (length === 0) {
      at = writeReplacement(out, at);
      from++;
    } else if (length === 1 && ESCAPES[byte] !== 0) {
      at = writeEscape(out, at, byte);
      from++;
    } else for (const end = from + length; from < end; from++) out[at++] = bytes[from]!;
  }
  return at;
}

/** U+FFFD in UTF-8. */
function writeReplacement(out: Buffer, at: number): number {
  out[at] = 0xef;
  out[at + 1] = 0xbf;
  out[at + 2] = 0xbd;
  return at + 3;
}

function writeEscape(out: Buffer, at: number, byte: number): number {
  const letter = ESCAPES[byte]!;
  out[at] = BACKSLASH;
  out[at + 1] = letter;
  if (letter !== LETTER_U) return at + 2;
  out[at + 2] = out[at + 3] = HEX[0]!;
  out[at + 4] = HEX[byte >> 4]!;
  out[at + 5] = HEX[byte & 15]!;
  return at + 6;
}

/** How many bytes the character of more than one byte has that begins here; 0 for none (RFC 3629, section 4). */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  const second = bytes[at + 1] ?? 0;
  if (first < 0xc2 || first > 0xf4 || !continues(second)) return 0;
  if (first < 0xe0) return 2;
  // Not longer than need be, no surrogate, nothing above U+10FFFF.
  if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f)) return 0;
  if ((first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)) return 0;
  if (!continues(bytes[at + 2] ?? 0)) return 0;
  if (first < 0xf0) return 3;
  return continues(bytes[at + 3] ?? 0) ? 4 : 0;
}

function continues(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

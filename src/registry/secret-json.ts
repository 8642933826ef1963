import { GockerError } from '../errors.ts';
import { parseJSON } from '../image/json.ts';

/** Of `parseJSON`'s reasons those that quote nothing. */
const REASON = /: it (?:is empty|is not UTF-8|is nested .*|starts with .*|has \d+ bytes.*)$/;

/**
 * `parseJSON` for what holds secrets: its error says where the text is wrong, but none of the text, which Node.js quotes.
 * Throws INVALID_JSON.
 */
export function parseSecretJSON(bytes: Uint8Array, what: string, hint?: string): unknown {
  try {
    return parseJSON(bytes, what, hint);
  } catch (error) {
    if (!(error instanceof GockerError)) throw error;
    const position = /at position (\d+)/.exec(error.message)?.[1];
    const line = position === undefined ? '' : `, line ${lineAt(bytes, Number(position))}`;
    const why = line || (REASON.exec(error.message)?.[0] ?? '');
    throw new GockerError(error.code, `${what} is not acceptable JSON${why}`, { hint: error.hint });
  }
}

function lineAt(bytes: Uint8Array, position: number): number {
  const before = new TextDecoder().decode(bytes).slice(0, position);
  return before.split('\n').length;
}

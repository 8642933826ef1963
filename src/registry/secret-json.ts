import { GockerError } from '../errors.ts';
import { parseJSON } from '../image/json.ts';

/**
 * `parseJSON` for what holds secrets: its error says where the text is wrong, but none of the text, which Node.js quotes.
 * Throws INVALID_JSON.
 */
export function parseSecretJSON(bytes: Uint8Array, what: string): unknown {
  try {
    return parseJSON(bytes, what);
  } catch (error) {
    if (!(error instanceof GockerError)) throw error;
    const position = /at position (\d+)/.exec(error.message)?.[1];
    const empty = error.message.endsWith('it is empty') ? ': it is empty' : '';
    const line = position === undefined ? empty : `, line ${lineAt(bytes, Number(position))}`;
    throw new GockerError(error.code, `${what} is not acceptable JSON${line}`, { hint: error.hint });
  }
}

function lineAt(bytes: Uint8Array, position: number): number {
  const before = new TextDecoder().decode(bytes).slice(0, position);
  return before.split('\n').length;
}

import * as v from 'valibot';
import { GockerError } from '../errors.ts';
import { printable, quoted } from './printable.ts';

/** The largest manifest, index or config that is read (containerd and distribution draw the line there too). */
export const MAX_JSON_BYTES = 4 * 1024 * 1024;
/** Far above what any image says, far below what a recursive reader trips over. */
const MAX_DEPTH = 64;

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/**
 * The one meaning of a JSON text, or an INVALID_JSON error that names `what` it was. Refused is what two readers could
 * understand differently: more than 4 MiB, a byte order mark, broken UTF-8, a key twice in one object, the key
 * `__proto__`, more than 64 levels (RFC 8259 sections 4, 8 and 9 leave all of these to the reader).
 */
export function parseJSON(bytes: Uint8Array, what: string, hint?: string): unknown {
  try {
    return parseStrictly(bytes, what);
  } catch (error) {
    if (hint === undefined || !(error instanceof GockerError)) throw error;
    throw new GockerError(error.code, error.message, { hint });
  }
}

function parseStrictly(bytes: Uint8Array, what: string): unknown {
  if (bytes.byteLength > MAX_JSON_BYTES) {
    throw invalid(what, `it has ${bytes.byteLength} bytes, at most ${MAX_JSON_BYTES} are read`);
  }
  const text = decode(bytes, what);
  const value = parse(text, what);
  checkKeys(text, what);
  return value;
}

/**
 * The value as the schema's type. Throws a GockerError with the given code whose message says where in `what` it
 * does not fit, and the reason; where the value is `secret`, nothing of it.
 */
export function check<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  { code, what, hint, secret }: { code: string; what: string; hint?: string; secret?: boolean },
): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const place = v.getDotPath(issue);
  const where = place === null ? '' : `${printable(place)}: `;
  const said = secret ? issue.message.replace(/ but received .*$/s, '') : issue.message;
  throw new GockerError(code, `${what}: ${where}${lowerFirst(printable(said))}`, { hint });
}

/** A JSON object; valibot itself lets arrays pass for objects. */
export const plainObject = v.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'expected an object',
);

/** A JSON object used as a map. */
export function recordOf<
  K extends v.GenericSchema<string, string>,
  V extends v.GenericSchema<unknown, unknown>,
>(key: K, value: V) {
  return v.pipe(plainObject, v.record(key, value));
}

/** A JSON object with these fields; `null` is absent: Go's programs write it for empty lists, maps and pointers. */
export function nullFree<E extends v.ObjectEntries>(entries: E) {
  return v.pipe(
    plainObject,
    v.transform((record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null))),
    v.object(entries),
  );
}

function decode(bytes: Uint8Array, what: string): string {
  const text = utf8(bytes);
  if (text === undefined) throw invalid(what, 'it is not UTF-8');
  if (text.startsWith('\uFEFF')) throw invalid(what, 'it starts with a byte order mark');
  return text;
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw invalid(what, text.trim() === '' ? 'it is empty' : printable(lowerFirst(error.message), 120));
  }
}

/** Walks the tokens of a text that is known to be JSON; JSON.parse itself keeps the last of equal keys silently. */
function checkKeys(text: string, what: string): void {
  const open: (Set<string> | undefined)[] = [];
  let last = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : undefined);
      if (open.length > MAX_DEPTH) throw invalid(what, `it is nested more than ${MAX_DEPTH} levels deep`);
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token === ':') {
      addKey(open.at(-1)!, JSON.parse(last) as string, what);
    }
    last = token;
  }
}

function addKey(keys: Set<string>, key: string, what: string): void {
  if (key === '__proto__') throw invalid(what, 'it has the key "__proto__"');
  if (keys.has(key)) throw invalid(what, `it has the key ${quoted(key, 60)} twice`);
  keys.add(key);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function invalid(what: string, why: string): GockerError {
  return new GockerError('INVALID_JSON', `${what} is not acceptable JSON: ${why}`);
}

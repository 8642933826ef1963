import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { GockerError } from '../errors.ts';

/** What a record is, and what a person can do about one that is damaged. */
export interface RecordKind<S extends v.GenericSchema> {
  schema: S;
  /** The newest version that this gocker writes. */
  version: number;
  hint: string;
}

/**
 * A JSON document that gocker wrote, checked. Throws RECORD_TOO_NEW or RECORD_DAMAGED, which name the file, and Node's own
 * error when it cannot be read.
 */
export function readRecord<S extends v.GenericSchema>(
  path: string,
  { schema, version, hint }: RecordKind<S>,
): v.InferOutput<S> {
  // At once: a list of hundreds of small files would wait for each of them in turn.
  const json = parseJson(readFileSync(path, 'utf8'), path, hint);
  const found = (json as { version?: unknown } | null)?.version;
  if (typeof found === 'number' && found > version) {
    throw new GockerError('RECORD_TOO_NEW', `${path} is of version ${found}, newer than this gocker`, {
      hint: 'use the newer gocker that wrote it, or give this one another --root',
    });
  }
  const result = v.safeParse(schema, json);
  if (!result.success) throw recordDamaged(path, { why: result.issues[0].message, hint });
  return result.output;
}

function parseJson(text: string, path: string, hint: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw recordDamaged(path, { why: 'it is not JSON', hint, cause });
  }
}

export function recordDamaged(
  path: string,
  { why, hint, cause }: { why: string; hint: string; cause?: unknown },
): GockerError {
  return new GockerError('RECORD_DAMAGED', `the record ${path} is damaged: ${why}`, { hint, cause });
}

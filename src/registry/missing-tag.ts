import * as v from 'valibot';
import { GockerError } from '../errors.ts';
import { check, nullFree, parseJSON } from '../image/json.ts';
import { printable } from '../image/printable.ts';
import { readDocument } from './body.ts';
import { RegistryError } from './error.ts';
import type { Fetch } from './fetcher.ts';
import type { ManifestQuestion } from './manifest.ts';

/** Milliseconds: it is a kindness, and nobody shall wait long for it. */
const PATIENCE = 5000;
const MAX_BYTES = 1024 * 1024;
const SHOWN = 5;

const schema = nullFree({ tags: v.exactOptional(v.array(v.string()), []) });

/**
 * The error for a manifest that is not there, made more precise where the registry tells its tags (OCI distribution spec,
 * "Listing Tags"): is it the name that is wrong, or the tag, and which are like it? Any other error comes back as it is.
 */
export async function explainMissing(
  fetch: Fetch,
  question: ManifestQuestion,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof RegistryError) || error.code !== 'IMAGE_NOT_FOUND' || question.hurry) return error;
  const { endpoint, repository, name } = question;
  // Of a digest its tags say nothing.
  if (name.includes(':') || error.registryCodes.includes('NAME_UNKNOWN')) return error;
  const where = `${endpoint.account}/${repository}`;
  const tags = await readTags(fetch, question).catch(noTags);
  if (tags === undefined) return error;
  const { status, registryCodes } = error;
  const say = (message: string, hint: string) =>
    new RegistryError(error.code, message, { status, registryCodes: [...registryCodes], hint });
  if (tags === 'no such name') return say(`there is no ${where}`, 'check the spelling of the name');
  const like = alike(tags, name).map((tag) => printable(tag, 60));
  const more = tags.length > like.length ? `, ... (${tags.length} in all)` : '';
  return say(
    `${where} has no tag ${name}`,
    like.length > 0
      ? `check the spelling; its tags are ${like.join(', ')}${more}`
      : 'nothing is tagged there',
  );
}

async function readTags(fetch: Fetch, question: ManifestQuestion): Promise<string[]> {
  const { endpoint, repository } = question;
  const late = AbortSignal.timeout(PATIENCE);
  const signal = question.signal ? AbortSignal.any([question.signal, late]) : late;
  const what = 'list of tags';
  const response = await fetch({ endpoint, repository, signal, what, path: 'tags/list', headers: {} });
  const bytes = await readDocument(response, { what, maxBytes: MAX_BYTES, timeout: PATIENCE });
  return check(schema, parseJSON(bytes, what), { code: 'INVALID_TAGS', what }).tags;
}

function noTags(error: unknown): 'no such name' | undefined {
  if (!(error instanceof GockerError)) throw error;
  const unknown = error instanceof RegistryError && error.registryCodes.includes('NAME_UNKNOWN');
  return unknown ? 'no such name' : undefined;
}

/** The few that begin and end most like the one that was meant. */
function alike(tags: readonly string[], name: string): string[] {
  const shared = (a: string, b: string) => {
    let length = 0;
    while (length < a.length && a[length] === b[length]) length++;
    return length;
  };
  const reversed = (text: string) => [...text].reverse().join('');
  const likeness = (tag: string) => shared(tag, name) + shared(reversed(tag), reversed(name));
  return tags
    .map((tag) => ({ tag, like: likeness(tag) }))
    .sort((a, b) => b.like - a.like)
    .slice(0, SHOWN)
    .map(({ tag }) => tag);
}

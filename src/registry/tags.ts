import * as v from 'valibot';
import { check, nullFree, parseJSON } from '../image/json.ts';
import type { Reference } from '../image/reference.ts';
import { familiarRepository } from '../image/reference.ts';
import { readDocument } from './body.ts';
import type { Connection } from './connection.ts';
import type { Endpoint } from './endpoint.ts';
import { endpointsFor } from './endpoint.ts';
import { RegistryError } from './error.ts';
import { firstAnswer } from './fallback.ts';

const PAGE = 1000;
/** A registry that never comes to an end is no registry. */
const MAX_PAGES = 200;
const MAX_PAGE_BYTES = 4 * 1024 * 1024;

const schema = nullFree({ tags: v.exactOptional(v.array(v.string()), []) });

/**
 * All tags of a repository, mirrors first, in the order of people: 1.9 before 1.10 (OCI distribution spec, "Listing
 * Tags"). Throws IMAGE_NOT_FOUND, TOO_MANY_TAGS or what the network did.
 */
export async function listTags(
  connection: Connection,
  reference: Reference,
  signal?: AbortSignal,
): Promise<string[]> {
  const { settings, log, health, retry, reach } = connection;
  const tags = await firstAnswer({
    endpoints: endpointsFor(reference, settings, { byDigest: false }),
    what: `the tags of ${familiarRepository(reference)}`,
    log,
    health,
    ask: (endpoint, { hurry }) =>
      reach(endpoint, (there) => {
        const repository = endpoint.repository ?? reference.path;
        const about = { endpoint: there, repository, hurry, signal };
        return allPages((path) => retry(() => readPage(connection, about, path), { hurry, signal }));
      }),
  });
  return [...new Set(tags)].sort(new Intl.Collator('en', { numeric: true }).compare);
}

interface Page {
  tags: string[];
  /** The path of the next one. */
  next: string | undefined;
}

async function allPages(read: (path: string) => Promise<Page>): Promise<string[]> {
  const tags: string[] = [];
  let path: string | undefined = `tags/list?n=${PAGE}`;
  for (let page = 0; page < MAX_PAGES; page++) {
    const found: Page = await read(path);
    tags.push(...found.tags);
    if (found.next === undefined || found.next === path) return tags;
    path = found.next;
  }
  throw new RegistryError('TOO_MANY_TAGS', `the list of tags has more than ${MAX_PAGES} pages`, {
    hint: 'ask whoever runs the registry; it may be going in circles',
  });
}

async function readPage(
  { fetch, timeouts }: Connection,
  about: { endpoint: Endpoint; repository: string; hurry: boolean; signal: AbortSignal | undefined },
  path: string,
): Promise<Page> {
  const what = 'list of tags';
  const response = await fetch({ ...about, path, what, headers: { accept: 'application/json' } });
  const limits = { what, maxBytes: MAX_PAGE_BYTES, timeout: timeouts.document };
  const document = parseJSON(await readDocument(response, limits), what);
  const { tags } = check(schema, document, { code: 'INVALID_TAGS', what });
  return { tags, next: nextPage(response.headers.link) };
}

/** Of `<...>; rel="next"` (RFC 8288) only the query counts: the next page is of the same list, at the same place. */
function nextPage(link: string | string[] | undefined): string | undefined {
  for (const one of [link ?? []].flat().flatMap((text) => text.split(/,(?=\s*<)/))) {
    const [, target, parameters = ''] = /^\s*<([^>]*)>(.*)$/.exec(one) ?? [];
    const query = target?.indexOf('?') ?? -1;
    if (/;\s*rel="?next"?/i.test(parameters) && query !== -1) return `tags/list${target!.slice(query)}`;
  }
  return undefined;
}

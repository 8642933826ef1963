import * as v from 'valibot';
import { GockerError } from '../errors.ts';
import { check, nullFree, parseJSON } from '../image/json.ts';
import { baseMediaType } from '../image/media-type.ts';
import { printable } from '../image/printable.ts';
import { readDocument } from './body.ts';
import type { Credential } from './credentials.ts';
import type { Endpoint } from './endpoint.ts';
import { RegistryError } from './error.ts';
import type { HttpResponse } from './http.ts';
import { readRateLimit, retryAfterOf } from './rate-limit.ts';
import type { RegistryErrors } from './saying.ts';
import { explain, notARegistry } from './sayings.ts';

const MAX_ERROR_BYTES = 64 * 1024;

/** OCI distribution spec, "Error Codes"; token servers often use `details` or plain text instead. */
const errorsSchema = nullFree({
  errors: v.array(
    nullFree({ code: v.exactOptional(v.string(), ''), message: v.exactOptional(v.string(), '') }),
  ),
});

/** What was asked for, and as whom. */
export interface Asked {
  endpoint: Endpoint;
  /** Empty for a login. */
  repository: string;
  /** `manifest TAG`, `blob DIGEST`, `token`, `login`. */
  what: string;
  credential: Credential | undefined;
  /** It was to be written, not read. */
  push?: object | undefined;
  /** The files in which a login was looked for in vain. */
  searched?: readonly string[] | undefined;
  /** Milliseconds for the answer's body. */
  timeout: number;
}

/** The error that an answer other than the wanted one amounts to. Reads, and closes, its body. */
export async function refusal(response: HttpResponse, asked: Asked): Promise<RegistryError> {
  const { status, url, headers } = response;
  const html = isHTML(response);
  const bytes = await readBody(response, asked.timeout);
  const errors = html ? [] : errorsIn(bytes);
  const page = html && (status < 400 || isPageOfSomebodyElse(status, asked));
  const saying = page
    ? notARegistry(asked, titleOf(bytes))
    : explain({ status, errors, url, headers }, asked);
  return new RegistryError(saying.code, saying.message, {
    hint: saying.hint,
    status,
    ...patience(response),
    registryCodes: errors.map((error) => printable(error.code, 40)),
    url,
  });
}

/** Registries say no in JSON; a page says it for a proxy, a captive portal, or a mirror that has closed. */
function isPageOfSomebodyElse(status: number, { endpoint }: Asked): boolean {
  return [404, 407, 511].includes(status) || (status === 403 && endpoint.mirror);
}

/** Which answers may be others in a while; a quota that is used up for hours is none of them. */
function patience({ status, headers }: HttpResponse): { transient: boolean; retryAfter: number | undefined } {
  const retryAfter = retryAfterOf(headers);
  const usedUp = status === 429 && retryAfter === undefined && readRateLimit(headers)?.remaining === 0;
  return { transient: (status === 408 || status === 429 || status >= 500) && !usedUp, retryAfter };
}

/** True for a page, which neither a manifest nor a token is. */
export function isHTML({ headers }: HttpResponse): boolean {
  return ['text/html', 'application/xhtml+xml'].includes(baseMediaType(headers['content-type']));
}

/** Empty when it cannot be had: the status says enough. */
async function readBody(response: HttpResponse, timeout: number): Promise<Buffer> {
  try {
    return await readDocument(response, { what: 'error', maxBytes: MAX_ERROR_BYTES, timeout });
  } catch (error) {
    if (error instanceof GockerError && error.code !== 'CANCELLED') return Buffer.alloc(0);
    throw error;
  }
}

function errorsIn(bytes: Buffer): RegistryErrors {
  try {
    return check(errorsSchema, parseJSON(bytes, 'error'), { code: 'INVALID_ERROR', what: 'error' }).errors;
  } catch (error) {
    if (error instanceof GockerError) return [];
    throw error;
  }
}

/** What a page calls itself: it often says whose login or block page it is. */
function titleOf(bytes: Buffer): string | undefined {
  const title = /<title[^>]*>([^<]{1,200})/i.exec(bytes.toString())?.[1]?.replace(/\s+/g, ' ').trim();
  return title ? printable(title, 80) : undefined;
}

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

const MAX_ERROR_BYTES = 64 * 1024;

/** OCI distribution spec, "Error Codes"; token servers often use `details` or plain text instead. */
const errorsSchema = nullFree({
  errors: v.array(
    nullFree({ code: v.exactOptional(v.string(), ''), message: v.exactOptional(v.string(), '') }),
  ),
});
type RegistryErrors = v.InferOutput<typeof errorsSchema>['errors'];

/** What was asked for, and as whom. */
export interface Asked {
  endpoint: Endpoint;
  repository: string;
  /** `manifest TAG`, `blob DIGEST`, `token`. */
  what: string;
  credential: Credential | undefined;
  /** Milliseconds for the answer's body. */
  timeout: number;
}

interface Saying {
  code: string;
  message: string;
  hint?: string | undefined;
}

/** The error that an answer other than the wanted one amounts to. Reads, and closes, its body. */
export async function refusal(response: HttpResponse, asked: Asked): Promise<RegistryError> {
  const { status, url, headers } = response;
  const html = isHTML(response);
  const errors = await readErrors(response, asked.timeout);
  const retryAfter = headers['retry-after'];
  const saying =
    html && (status < 400 || status === 404)
      ? notARegistry(asked)
      : explain({ status, errors, url, retryAfter }, asked);
  return new RegistryError(saying.code, saying.message, {
    hint: saying.hint,
    status,
    ...patience(response),
    registryCodes: errors.map((error) => printable(error.code, 40)),
    url,
  });
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

async function readErrors(response: HttpResponse, timeout: number): Promise<RegistryErrors> {
  try {
    const bytes = await readDocument(response, { what: 'error', maxBytes: MAX_ERROR_BYTES, timeout });
    return check(errorsSchema, parseJSON(bytes, 'error'), { code: 'INVALID_ERROR', what: 'error' }).errors;
  } catch (error) {
    // The status says enough; whatever else is wrong with the body changes nothing.
    if (error instanceof GockerError && error.code !== 'CANCELLED') return [];
    throw error;
  }
}

interface Answered {
  status: number;
  errors: RegistryErrors;
  url: URL;
  retryAfter: string | undefined;
}

function explain(answered: Answered, asked: Asked): Saying {
  const { status } = answered;
  // A storage or cache host that a redirect led to knows nothing of repositories and logins.
  const elsewhere = asked.what !== 'token' && answered.url.origin !== asked.endpoint.base;
  if (status === 401 || status === 403) return elsewhere ? strange(answered, asked) : denied(answered, asked);
  if (status === 404 && asked.what !== 'token') return missing(answered, asked);
  if (status === 429) return limited(answered, asked);
  return strange(answered, asked);
}

function denied({ status, errors }: Answered, { endpoint, repository, credential }: Asked): Saying {
  const { account } = endpoint;
  const code = status === 401 ? 'UNAUTHORIZED' : 'DENIED';
  if (credential !== undefined) {
    const user = printable(credential.username, 60);
    return {
      code,
      message: `${account} refused ${repository} to ${user}${said(errors)}`,
      hint: `the login came from ${credential.source}; check that it is valid and that ${repository} exists`,
    };
  }
  const message =
    account === 'docker.io'
      ? `${repository} does not exist on docker.io or needs a login`
      : `${account} refused ${repository} to a reader without login${said(errors)}`;
  return {
    code,
    message,
    hint: `check the spelling; when it is private, docker login ${account} makes a login known`,
  };
}

function missing({ errors }: Answered, { endpoint, repository, what }: Asked): Saying {
  const where = `${endpoint.account}/${repository}`;
  if (what.startsWith('blob')) {
    return { code: 'BLOB_NOT_FOUND', message: `${endpoint.base} does not have ${what} of ${repository}` };
  }
  const name = what.replace(/^manifest /, '');
  if (errors.some((error) => error.code === 'NAME_UNKNOWN')) {
    return {
      code: 'IMAGE_NOT_FOUND',
      message: `there is no ${where}`,
      hint: 'check the spelling of the name',
    };
  }
  if (errors.some((error) => error.code === 'MANIFEST_UNKNOWN')) {
    // distribution's own registry says so of unknown names too.
    const hint = 'check the spelling of the name and of the tag or digest';
    return { code: 'IMAGE_NOT_FOUND', message: `${where} has no ${name}`, hint };
  }
  return {
    code: 'IMAGE_NOT_FOUND',
    message: `${endpoint.base} has no ${repository} with ${name}`,
    hint: 'check the spelling of registry, name and tag',
  };
}

function limited({ retryAfter }: Answered, { endpoint, credential }: Asked): Saying {
  const wait = /^\d{1,6}$/.test(retryAfter ?? '') ? `try again in ${retryAfter} seconds` : 'try again later';
  const login = credential === undefined ? `, or log in: docker login ${endpoint.account}` : '';
  return {
    code: 'RATE_LIMITED',
    message: `${endpoint.account} allows no more requests for now`,
    hint: wait + login,
  };
}

function strange({ status, errors, url }: Answered, { what, repository }: Asked): Saying {
  const code = status >= 500 ? 'REGISTRY_UNAVAILABLE' : 'UNEXPECTED_ANSWER';
  const message = `${url.host} answered HTTP ${status} for the ${what} of ${repository}${said(errors)}`;
  return { code, message, hint: 'try again later, or ask whoever runs the server' };
}

function notARegistry({ endpoint, what }: Asked): Saying {
  return {
    code: 'NOT_A_REGISTRY',
    message: `${endpoint.base} answered with a web page instead of the ${what}`,
    hint: 'this is no registry, or a proxy or login page of the network stands before it',
  };
}

function said(errors: RegistryErrors): string {
  const text = errors[0]?.message || errors[0]?.code;
  return text ? `: ${printable(text)}` : '';
}

import type { GockerError } from '../errors.ts';
import { printable, quoted } from '../image/printable.ts';
import { RegistryError } from './error.ts';
import { maySendTo } from './host.ts';
import type { HttpRequest, HttpResponse, Send } from './http.ts';
import { explainNetworkError } from './network-error.ts';

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Those that ask for the same method again, whatever it is (RFC 9110 section 15.4). */
const SAME_METHOD = new Set([307, 308]);

/**
 * Sends, and follows at most 5 redirects: to http and https alone, never from https to http, never from outside into
 * this machine or its link (nor, where `strict`, its private network). The `authorization` header is dropped for
 * good as soon as scheme, host or port change, and any certificate will do no longer. Throws REDIRECT_REFUSED, and what
 * the network did, told of the server that it did it to.
 */
export async function follow(
  send: Send,
  request: HttpRequest,
  options: { strict: boolean } = { strict: false },
): Promise<HttpResponse> {
  let { url, headers, insecure, registry } = request;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const response = await send({ ...request, url, headers, insecure, registry }).catch((error: unknown) => {
      throw onTheWay(explainNetworkError(error, url), { from: request.url, to: url });
    });
    if (!REDIRECTS.has(response.status)) return response;
    response.body.destroy();
    // A form may hold a token.
    if (request.form) throw refused(request.url, 'it redirects a token request');
    if (!isReading(request) && !SAME_METHOD.has(response.status))
      throw refused(request.url, `it answers a ${request.method} with a redirect (${response.status})`);
    const next = nextURL(url, response.headers.location, options);
    if (next.origin !== url.origin) {
      headers = withoutAuthorization(headers);
      insecure = false;
      registry ??= request.url;
    }
    url = next;
  }
  throw refused(request.url, `it redirects more than ${MAX_REDIRECTS} times`);
}

function isReading({ method = 'GET' }: HttpRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Who was asked does not have it itself; that others cannot be reached is no misspelling. */
function onTheWay(error: GockerError, { from, to }: { from: URL; to: URL }): GockerError {
  if (!(error instanceof RegistryError) || to.origin === from.origin) return error;
  const { code, message, transient, hint: own } = error;
  const away = code === 'REGISTRY_UNREACHABLE' || code === 'REGISTRY_TIMEOUT';
  const hint = away ? `see that this machine may reach ${to.host}: name service, firewall, proxy` : own;
  return new RegistryError(code, `${message} (${from.host} redirects there)`, {
    hint,
    transient,
    url: to,
    cause: error.cause,
  });
}

/** Where a server at `from` sends us on to, when that is an address that it may send us to. Throws REDIRECT_REFUSED. */
export function nextURL(
  from: URL,
  location: string | undefined,
  options: { strict: boolean } = { strict: false },
): URL {
  if (location === undefined) throw refused(from, 'it redirects to nowhere');
  // Node reads header bytes as latin1; servers that send other letters mean UTF-8.
  const text = Buffer.from(location, 'latin1').toString();
  if (!URL.canParse(text, from.href))
    throw refused(from, `it redirects to ${quoted(text)}, which is no address`);
  const to = new URL(text, from);
  const place = printable(to.origin === 'null' ? to.protocol : to.origin);
  if (to.protocol !== 'http:' && to.protocol !== 'https:') throw refused(from, `it redirects to ${place}`);
  if (to.username !== '' || to.password !== '')
    throw refused(from, `it redirects to ${place} with a user name`);
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw refused(from, `it redirects from https to plain ${place}`);
  }
  if (!maySendTo(from, to, options))
    throw refused(from, `it redirects to ${place}, an address of this network`);
  to.hash = '';
  return to;
}

function withoutAuthorization({
  authorization: _,
  ...headers
}: Record<string, string>): Record<string, string> {
  return headers;
}

function refused(url: URL, why: string): RegistryError {
  return new RegistryError('REDIRECT_REFUSED', `${url.origin} cannot be followed: ${why}`, {
    url,
    hint: 'ask whoever runs the registry; gocker does not follow redirects that could give things away',
  });
}

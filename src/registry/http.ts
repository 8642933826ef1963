import type { ClientRequest, IncomingHttpHeaders } from 'node:http';
import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import type { Response } from 'got';
import { hasCode } from '../errors.ts';
import type { Connections, Route } from './agents.ts';
import { createRoutes } from './agents.ts';
import { watchCertificate } from './certificate.ts';
import { isDistrust, noteCircumstances } from './circumstances.ts';
import { refusedByProxy } from './proxy-error.ts';

/** Milliseconds, each for one thing that could otherwise take for ever. */
export interface Timeouts {
  lookup: number;
  connect: number;
  secureConnect: number;
  /** From the request's last byte to the answer's first. */
  response: number;
  /** The longest silence in the middle of a blob. */
  progress: number;
  /** All of a manifest, token or error body. */
  document: number;
  /** From the last byte of an upload to the answer: the registry may have to hash and move it all. */
  commit: number;
}

export const TIMEOUTS: Timeouts = {
  lookup: 10_000,
  connect: 15_000,
  secureConnect: 15_000,
  response: 30_000,
  progress: 30_000,
  document: 60_000,
  commit: 300_000,
};

export interface HttpRequest {
  url: URL;
  /** GET when absent. */
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | undefined;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Makes it a POST of a form. */
  form?: Record<string, string> | undefined;
  /** Opens what is sent along, each time that it is sent. A stream needs a content-length among the headers. */
  body?: (() => Buffer | Readable) | undefined;
  /** Milliseconds from the last byte sent to the first of the answer; as usual when absent. */
  patience?: number | undefined;
  /** Any certificate will do. */
  insecure?: boolean | undefined;
  /** The registry that sent us here; its authorities vouch for this server, too. */
  registry?: URL | undefined;
  signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  status: number;
  headers: IncomingHttpHeaders;
  /** The bytes as they came, not decoded. Destroying it closes the connection; its errors are raw. */
  body: Readable;
  /** What answered: after redirects not what was asked. */
  url: URL;
}

/** One request, one answer of whatever status. Rejects with raw network errors, and INVALID_CERTS. */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

export interface SendOptions extends Omit<Connections, 'connectTimeout'> {
  timeouts: Timeouts;
  userAgent: string;
  /** Finds addresses; the system's own way when absent. */
  lookup?: LookupFunction | undefined;
}

/** How many connections in a row may turn out to have been closed while they lay idle. */
const MAX_STALE = 4;

/** A request on a kept connection that the server had closed before it arrived: nothing was answered, so it is sent again. */
class StaleConnection extends Error {}

/** A `Send` that follows nothing, retries nothing and decodes nothing; those who may decide so are built on it. */
export function createSend(options: SendOptions): Send {
  const findRoute = createRoutes({ ...options, connectTimeout: options.timeouts.connect });
  /** Servers whose certificate only the machine's own authorities can vouch for. */
  const system = new Set<string>();
  return async (request) => {
    const { url, insecure = false, registry } = request;
    for (let stale = 1; ; ) {
      const how = { insecure, system: system.has(url.origin), registry };
      try {
        return await sendOnce(request, await findRoute(url, how), options);
      } catch (error) {
        if (error instanceof StaleConnection) {
          if (stale++ > MAX_STALE) throw error.cause;
        } else if (isDistrust(error) && !how.system) system.add(url.origin);
        else throw error;
      }
    }
  };
}

async function sendOnce(request: HttpRequest, route: Route, options: SendOptions): Promise<HttpResponse> {
  const { url, headers, form, body, signal } = request;
  const { lookup, connect, secureConnect } = options.timeouts;
  const response = request.patience ?? options.timeouts.response;
  const { got } = await import('got');
  const stream = got.stream(url, {
    method: form ? 'POST' : (request.method ?? 'GET'),
    headers: { 'user-agent': options.userAgent, 'accept-encoding': 'identity', ...headers },
    agent: route.agent,
    timeout: { lookup, connect, secureConnect, response },
    retry: { limit: 0 },
    followRedirect: false,
    decompress: false,
    throwHttpErrors: false,
    ...(form && { form }),
    ...(body && { body: body() }),
    ...(options.lookup && { dnsLookup: options.lookup as never }),
    ...(signal && { signal }),
  });
  return new Promise((resolve, reject) => {
    let sent: ClientRequest | undefined;
    let certificate: ReturnType<typeof watchCertificate> = () => undefined;
    stream.once('request', (started: ClientRequest) => {
      sent = started;
      certificate = watchCertificate(started);
    });
    // Stays for good: an error between the answer and its reader must not become an uncaught one.
    stream.on('error', (error) => {
      noteCircumstances(error, { route, certificate: certificate() });
      // Of an upload nobody knows how much has arrived.
      const stale = sent?.reusedSocket && !body && hasCode(error, 'ECONNRESET', 'EPIPE');
      reject(stale ? new StaleConnection('stale', { cause: error }) : error);
    });
    stream.once('response', ({ statusCode, headers: answered }: Response) => {
      // Registries do not say so (RFC 9110 section 15.5.8).
      if (statusCode === 407 && route.proxy) {
        stream.destroy();
        reject(refusedByProxy(statusCode, url, route.proxy));
        return;
      }
      resolve({ status: statusCode, headers: answered, body: stream, url });
    });
  });
}

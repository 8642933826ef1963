import type { ClientRequest, IncomingHttpHeaders } from 'node:http';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import got, { type Response } from 'got';
import { hasCode } from '../errors.ts';

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
}

export const TIMEOUTS: Timeouts = {
  lookup: 10_000,
  connect: 15_000,
  secureConnect: 15_000,
  response: 30_000,
  progress: 30_000,
  document: 60_000,
};

export interface HttpRequest {
  url: URL;
  /** Names in lower case. */
  headers: Record<string, string>;
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

/** One GET, one answer of whatever status. Rejects with raw network errors. */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

/** How many connections in a row may turn out to have been closed while they lay idle. */
const MAX_STALE = 4;

/** A request on a kept connection that the server had closed before it arrived: nothing was answered, so it is sent again. */
class StaleConnection extends Error {}

/** A `Send` that follows nothing, retries nothing and decodes nothing; those who may decide so are built on it. */
export function createSend(options: { timeouts: Timeouts; userAgent: string }): Send {
  const { lookup, connect, secureConnect, response } = options.timeouts;
  const agent = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  const sendOnce: Send = ({ url, headers, signal }) => {
    const stream = got.stream(url, {
      headers: { 'user-agent': options.userAgent, 'accept-encoding': 'identity', ...headers },
      agent,
      timeout: { lookup, connect, secureConnect, response },
      retry: { limit: 0 },
      followRedirect: false,
      decompress: false,
      throwHttpErrors: false,
      ...(signal && { signal }),
    });
    return new Promise((resolve, reject) => {
      // Stays for good: an error between the answer and its reader must not become an uncaught one.
      let reused = () => false;
      stream.once('request', (request: ClientRequest) => {
        reused = () => request.reusedSocket;
      });
      stream.on('error', (error) => {
        const stale = reused() && hasCode(error, 'ECONNRESET', 'EPIPE');
        reject(stale ? new StaleConnection('stale', { cause: error }) : error);
      });
      stream.once('response', ({ statusCode, headers: answered }: Response) => {
        resolve({ status: statusCode, headers: answered, body: stream, url });
      });
    });
  };
  return async (request) => {
    for (let stale = 1; ; stale++) {
      try {
        return await sendOnce(request);
      } catch (error) {
        if (!(error instanceof StaleConnection)) throw error;
        if (stale > MAX_STALE) throw error.cause;
      }
    }
  };
}

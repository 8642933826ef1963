import type { Authenticator, Target } from './authenticator.ts';
import { readDocument } from './body.ts';
import { RegistryError } from './error.ts';
import type { HttpRequest, HttpResponse, Send, Timeouts } from './http.ts';
import { follow } from './redirect.ts';
import { refusal } from './refusal.ts';

/** What one endpoint is asked for. */
export interface Question extends Target {
  /** Below `/v2/REPOSITORY/`: `manifests/TAG`, `blobs/DIGEST`. Without a repository, `/v2/` itself is asked. */
  path: string;
  /** For messages: `manifest TAG`, `blob DIGEST`. */
  what: string;
  headers: Record<string, string>;
  method?: HttpRequest['method'];
  body?: HttpRequest['body'];
  patience?: number;
  /** Instead of the path: where an answer has sent us on to. */
  url?: URL;
  /** The answers that are wanted: 200 and 206 when absent. */
  accept?: readonly number[];
}

/** Puts a question to an endpoint and gives back the answer that is wanted; any other is thrown as an error for people. */
export type Fetch = (question: Question) => Promise<HttpResponse>;

const READ = [200, 206];
const MAX_SKIPPED_BYTES = 64 * 1024;

/** A `Fetch` that logs in when asked to, once per request, and only to the endpoint itself. */
export function createFetch(options: { send: Send; auth: Authenticator; timeouts: Timeouts }): Fetch {
  const { send, auth, timeouts } = options;

  async function once(question: Question, authorization: string | undefined): Promise<HttpResponse> {
    const { endpoint, repository, path, headers, method, body, patience, signal } = question;
    const url =
      question.url ?? new URL(repository === '' ? '/v2/' : `/v2/${repository}/${path}`, endpoint.base);
    const isOwn = url.origin === endpoint.base;
    const all = { ...headers, ...(isOwn && authorization !== undefined && { authorization }) };
    const insecure = isOwn ? endpoint.insecure : undefined;
    const request = { url, method, body, patience, headers: all, insecure, signal };
    return follow(send, request);
  }

  /** The answer to a 401 of the endpoint itself: undefined when there is nothing to log in with. */
  async function login(
    question: Question,
    refused: HttpResponse,
    sent: string | undefined,
  ): Promise<string | undefined> {
    try {
      return await auth.answer(question, refused.headers['www-authenticate'], sent);
    } catch (error) {
      refused.body.destroy();
      throw error;
    }
  }

  return async (question) => {
    const { endpoint, accept = READ } = question;
    let authorization = await auth.known(question);
    let response = await once(question, authorization);
    // Where a redirect led somewhere else, nothing is owed to whoever asks there.
    if (response.status === 401 && response.url.origin === endpoint.base) {
      const renewed = await login(question, response, authorization);
      if (renewed !== undefined) {
        authorization = renewed;
        await skipBody(response, timeouts.document);
        response = await once(question, authorization);
      }
    }
    if (accept.includes(response.status)) return response;
    const tried = authorization !== undefined;
    const credential = tried ? await auth.credential(question) : undefined;
    const searched = tried || response.headers['www-authenticate'] ? auth.searched : undefined;
    throw await refusal(response, { ...question, credential, searched, timeout: timeouts.document });
  };
}

/** Reads a short body to its end, so that the connection can serve the next request; a long one costs the connection. */
export async function skipBody(response: HttpResponse, timeout: number): Promise<void> {
  try {
    await readDocument(response, { what: 'answer', maxBytes: MAX_SKIPPED_BYTES, timeout });
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
  }
}

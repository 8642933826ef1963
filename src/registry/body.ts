import type { Readable } from 'node:stream';
import { RegistryError } from './error.ts';
import type { HttpResponse } from './http.ts';
import { explainNetworkError } from './network-error.ts';

export interface DocumentLimits {
  /** What it is, for messages: `manifest`. */
  what: string;
  maxBytes: number;
  /** Milliseconds for all of it. */
  timeout: number;
}

/** The whole body, in memory. Throws TOO_LARGE, REGISTRY_TIMEOUT or what the network did; then the connection is closed. */
export async function readDocument(response: HttpResponse, limits: DocumentLimits): Promise<Buffer> {
  const { body, headers, url } = response;
  const deadline = setTimeout(() => body.destroy(tooSlow(url, limits)), limits.timeout);
  try {
    if (Number(headers['content-length']) > limits.maxBytes) throw tooLarge(url, limits);
    return await collect(body, () => tooLarge(url, limits), limits.maxBytes);
  } catch (error) {
    throw explainNetworkError(error, url);
  } finally {
    clearTimeout(deadline);
    body.destroy();
  }
}

async function collect(body: Readable, onOverflow: () => Error, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    total += chunk.length;
    if (total > maxBytes) throw onOverflow();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(url: URL, { what, maxBytes }: DocumentLimits): RegistryError {
  return new RegistryError('TOO_LARGE', `${url.origin} sent a ${what} of more than ${maxBytes} bytes`, {
    url,
    hint: 'ask whoever runs the server, and check that it is a registry',
  });
}

function tooSlow(url: URL, { what, timeout }: DocumentLimits): RegistryError {
  return new RegistryError(
    'REGISTRY_TIMEOUT',
    `${url.origin} did not send the ${what} within ${timeout} ms`,
    {
      url,
      transient: true,
      hint: 'check the network and the registry, then try again',
    },
  );
}

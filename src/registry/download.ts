import type { Readable } from 'node:stream';
import type { RegistrySettings } from './endpoint.ts';
import { RegistryError, redacted } from './error.ts';
import { guardBody } from './guard.ts';
import { createSend, TIMEOUTS } from './http.ts';
import { follow } from './redirect.ts';

export interface DownloadOptions {
  /** Proxies and certificates. */
  settings: RegistrySettings;
  userAgent: string;
}

/**
 * What an http or https address has to give, as it comes. A user name and password in it are for that server alone.
 * Throws DOWNLOAD_FAILED for any answer but 200, what `follow` throws; the stream fails when it ends early or stalls.
 */
export async function download(url: URL, { settings, userAgent }: DownloadOptions): Promise<Readable> {
  const { proxies, certsFolders = [] } = settings;
  const send = createSend({ timeouts: TIMEOUTS, userAgent, proxies, certsFolders });
  const { plain, headers } = withoutLogin(url);
  const response = await follow(send, { url: plain, headers });
  if (response.status !== 200) {
    response.body.destroy();
    throw new RegistryError('DOWNLOAD_FAILED', `${redacted(plain)}: the server answered ${response.status}`, {
      url: plain,
      status: response.status,
      hint: 'check the address',
    });
  }
  const length = response.headers['content-length'];
  const bytes = length === undefined ? Number.POSITIVE_INFINITY : Number(length);
  return guardBody(response, { what: redacted(plain), bytes, progress: TIMEOUTS.progress });
}

function withoutLogin(url: URL): { plain: URL; headers: Record<string, string> } {
  const plain = new URL(url);
  [plain.username, plain.password] = ['', ''];
  if (url.username === '' && url.password === '') return { plain, headers: {} };
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { plain, headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
}

import { RegistryError } from './error.ts';
import type { ProxyServer } from './proxy.ts';

/** Codes of a connection that was not made; with a proxy in between, it was the one to the proxy. */
const NO_CONNECTION = /^(ENOTFOUND|EAI_\w+|ENODATA|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ENETDOWN)$/;

/** The error that a proxy's own answer amounts to. */
export function refusedByProxy(
  status: number,
  url: URL,
  { url: proxy, variable }: ProxyServer,
): RegistryError {
  const login = `write ${variable}=http://USER:PASSWORD@${proxy.host}`;
  const hint = status === 407 ? login : wayOut(variable, url);
  const message = `the proxy ${proxy.host} (${variable}) does not let us through to ${url.host}: HTTP ${status}`;
  return new RegistryError('PROXY_FAILED', message, { url, hint, transient: status >= 500 });
}

function wayOut(variable: string, url: URL): string {
  return `correct ${variable}, or add ${url.hostname} to NO_PROXY`;
}

/** What a failed request through a proxy means, when it is the proxy's doing; undefined when it is not. */
export function explainProxy(
  error: Error,
  url: URL,
  { url: proxy, variable }: ProxyServer,
): RegistryError | undefined {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const name = `the proxy ${proxy.host} (${variable})`;
  const noProxy = wayOut(variable, url);
  if (NO_CONNECTION.test(code)) {
    return new RegistryError('PROXY_FAILED', `${name} cannot be reached`, {
      url,
      hint: noProxy,
      cause: error,
    });
  }
  // hpagent gives its errors no code.
  const status = /^Bad response: (\d{3})$/.exec(error.message)?.[1];
  if (status !== undefined) return refusedByProxy(Number(status), url, { url: proxy, variable });
  if (error.message !== 'Proxy timeout') return undefined;
  const message = `${name} does not answer`;
  return new RegistryError('PROXY_FAILED', message, { url, hint: noProxy, transient: true });
}

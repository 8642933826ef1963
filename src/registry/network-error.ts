import { maxHeaderSize } from 'node:http';
import { GockerError, hasCode } from '../errors.ts';
import { printable } from '../image/printable.ts';
import { circumstancesOf } from './circumstances.ts';
import { RegistryError } from './error.ts';
import { explainProxy } from './proxy-error.ts';
import { explainTls } from './tls-error.ts';

interface Explanation {
  code: string;
  says: (host: string) => string;
  hint: string | ((host: string) => string);
  /** Trying again may help. */
  transient?: true;
}

const NETWORK_HINT = 'check the network and the registry, then try again';

const DNS: Explanation = {
  code: 'REGISTRY_UNREACHABLE',
  says: (host) => `cannot find the address of ${host}`,
  hint: 'check the spelling of the registry, and that this machine resolves names (/etc/resolv.conf)',
};
const DNS_AGAIN: Explanation = { ...DNS, transient: true };
const REFUSED: Explanation = {
  code: 'REGISTRY_UNREACHABLE',
  says: (host) => `${host} refused the connection`,
  hint: 'check that the registry is running and the port is right',
};
const NO_ROUTE: Explanation = {
  code: 'REGISTRY_UNREACHABLE',
  says: (host) => `there is no way to ${host} from here`,
  hint: NETWORK_HINT,
};
const CUT: Explanation = {
  code: 'REGISTRY_UNREACHABLE',
  says: (host) => `${host} cut the connection`,
  hint: NETWORK_HINT,
  transient: true,
};
const SLOW: Explanation = {
  code: 'REGISTRY_TIMEOUT',
  says: (host) => `${host} did not answer in time`,
  hint: NETWORK_HINT,
  transient: true,
};
const NOT_TLS: Explanation = {
  code: 'TLS_FAILED',
  says: (host) => `${host} does not speak https as expected`,
  hint: (host) => `when it is a plain http registry that you trust, name it as http://${host}/NAME`,
};
const NOT_HTTP: Explanation = {
  code: 'NOT_A_REGISTRY',
  says: (host) => `${host} does not answer in http`,
  hint: 'check the port; something else listens there',
};

const TOO_MANY_HEADERS: Explanation = {
  code: 'TOO_LARGE',
  says: (host) => `${host} sent headers of more than ${maxHeaderSize} bytes`,
  hint: 'ask whoever runs the server; no registry needs so many',
};
const BROKEN: Explanation = {
  code: 'UNEXPECTED_ANSWER',
  says: (host) => `${host} answered in broken http`,
  hint: 'try again later, or ask whoever runs the server, or a proxy on the way to it',
};

const BY_CODE: [RegExp, Explanation][] = [
  [/^EAI_AGAIN$/, DNS_AGAIN],
  [/^(ENOTFOUND|EAI_\w+|ENODATA)$/, DNS],
  [/^ECONNREFUSED$/, REFUSED],
  [/^(ENETUNREACH|EHOSTUNREACH|ENETDOWN|EADDRNOTAVAIL)$/, NO_ROUTE],
  [/^(ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE|ERR_HTTP_CONTENT_LENGTH_MISMATCH)$/, CUT],
  [/^ETIMEDOUT$/, SLOW],
  [/^(EPROTO|ERR_SSL_\w+)$/, NOT_TLS],
  [/^HPE_HEADER_OVERFLOW$/, TOO_MANY_HEADERS],
  [/^HPE_(INVALID_CONSTANT|INVALID_VERSION|INVALID_STATUS)$/, NOT_HTTP],
  [/^HPE_/, BROKEN],
];

/** What a raw error of a request to `url` means to a person; GockerErrors come back as they are. */
export function explainNetworkError(error: unknown, url: URL): GockerError {
  if (error instanceof GockerError) return error;
  if (!(error instanceof Error)) throw error;
  // got wraps whatever its stream is destroyed with.
  if (error.cause instanceof GockerError) return error.cause;
  const cause = bare(error);
  if (hasCode(error, 'ERR_ABORTED')) return new GockerError('CANCELLED', 'cancelled', { cause });
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const about = circumstancesOf(error);
  const proxy = about?.route.proxy && explainProxy(cause, url, about.route.proxy);
  if (proxy) return proxy;
  const tls = explainTls(code, url, about);
  if (tls) return new RegistryError('TLS_FAILED', tls.message, { url, hint: tls.hint, cause });
  const found = BY_CODE.find(([pattern]) => pattern.test(code))?.[1];
  if (found === undefined) {
    const message = `${url.origin}: ${printable(error.message)}`;
    return new RegistryError('REGISTRY_UNREACHABLE', message, { url, hint: NETWORK_HINT, cause });
  }
  const hint = typeof found.hint === 'string' ? found.hint : found.hint(url.host);
  return new RegistryError(found.code, found.says(url.host), {
    url,
    hint,
    transient: found.transient,
    cause,
  });
}

/** got's errors lead to the request and its headers, which hold secrets; nobody who prints a cause shall meet them. */
function bare(error: Error): Error {
  const { message, stack = message } = error;
  return Object.assign(new Error(message), { stack, code: (error as NodeJS.ErrnoException).code });
}

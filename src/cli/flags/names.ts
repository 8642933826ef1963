import { isIP } from 'node:net';
import { invalidArgument } from './invalid.ts';

/** docker's word for the host, as a container reaches it. */
const HOST_GATEWAY = 'host-gateway';

/** `NAME:ADDRESS` or `NAME=ADDRESS`, as `NAME:ADDRESS`; the address may be `host-gateway`. Throws a UsageError. */
export function parseHost(text: string): string {
  const [, name = '', address = ''] = /^([^:=]*)[:=](.*)$/.exec(text) ?? [];
  const bare = address.replace(/^\[(.*)\]$/, '$1');
  if (!/^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,253})$/.test(name)) {
    throw invalidArgument('--add-host', text, { why: 'it has no host name', hint: 'write NAME:ADDRESS' });
  }
  if (isIP(bare) || bare === HOST_GATEWAY) return `${name}:${bare}`;
  throw invalidArgument('--add-host', text, { why: `invalid IP address: ${bare}` });
}

/** The address of a name server. Throws a UsageError. */
export function parseServer(text: string): string {
  if (isIP(text)) return text;
  throw invalidArgument('--dns', text, { why: 'it is not an IP address' });
}

/** A domain, or `.`. Throws a UsageError. */
export function parseDomain(text: string): string {
  if (text === '.' || /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,253})$/.test(text)) return text;
  throw invalidArgument('--dns-search', text, { why: 'it is not a domain' });
}

/** A word of resolv.conf(5)'s `options`. Throws a UsageError. */
export function parseResolverOption(text: string): string {
  if (/^[A-Za-z0-9:_-]+$/.test(text)) return text;
  throw invalidArgument('--dns-option', text, { why: 'it is not an option of resolv.conf' });
}

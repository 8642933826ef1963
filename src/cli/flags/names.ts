import { isIP } from 'node:net';
import { invalidArgument } from './invalid.ts';

/** `NAME:ADDRESS` or `NAME=ADDRESS`, as `NAME:ADDRESS`. Throws a UsageError. */
export function parseHost(text: string): string {
  const [, name = '', address = ''] = /^([^:=]*)[:=](.*)$/.exec(text) ?? [];
  const bare = address.replace(/^\[(.*)\]$/, '$1');
  if (!/^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,253})$/.test(name)) {
    throw invalidArgument('--add-host', text, { why: 'it has no host name', hint: 'write NAME:ADDRESS' });
  }
  if (bare === 'host-gateway') {
    throw invalidArgument('--add-host', text, {
      why: 'there is no gateway to the host without a bridge',
      hint: "give the host's address, or share its network with --network host",
    });
  }
  if (isIP(bare)) return `${name}:${bare}`;
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

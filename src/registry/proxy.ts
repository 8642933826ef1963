import { BlockList, isIP } from 'node:net';
import { UsageError } from '../errors.ts';
import { reachOf } from './host.ts';

/** Through which proxies requests go. */
export interface ProxySettings {
  http?: ProxyServer | undefined;
  https?: ProxyServer | undefined;
  /** As in NO_PROXY: who is talked to directly. */
  direct: string;
}

export interface ProxyServer {
  /** May hold a user name and a password: never for messages. */
  url: URL;
  /** Where it was named, for messages: `HTTPS_PROXY`. */
  variable: string;
}

/**
 * The proxies that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name, in upper or lower case (upper counts first, as for the
 * programs written in Go); undefined when none is named. Throws INVALID_PROXY.
 */
export function readProxySettings(env: NodeJS.ProcessEnv): ProxySettings | undefined {
  const http = readProxy(env, 'HTTP_PROXY');
  const https = readProxy(env, 'HTTPS_PROXY');
  if (http === undefined && https === undefined) return undefined;
  return { http, https, direct: env.NO_PROXY || env.no_proxy || '' };
}

function readProxy(env: NodeJS.ProcessEnv, name: string): ProxyServer | undefined {
  const variable = env[name] ? name : name.toLowerCase();
  const text = env[variable]?.trim();
  if (!text) return undefined;
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url?.hostname && ['http:', 'https:'].includes(url.protocol) && hasReadableLogin(url))
    return { url, variable };
  // The value may hold a password.
  throw new UsageError('INVALID_PROXY', `${variable} names no proxy that gocker can use`, {
    hint: `write ${variable}=http://HOST:PORT`,
  });
}

/** What is written as `%40` there must be so written. */
function hasReadableLogin({ username, password }: URL): boolean {
  try {
    decodeURIComponent(`${username}:${password}`);
    return true;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

/** The proxy for a request; none for this machine itself, whatever NO_PROXY says. */
export function proxyFor(url: URL, settings: ProxySettings | undefined): ProxyServer | undefined {
  const proxy = url.protocol === 'https:' ? settings?.https : settings?.http;
  if (proxy === undefined || reachOf(url.hostname) === 'loopback') return undefined;
  return isDirect(url, settings!.direct) ? undefined : proxy;
}

function isDirect(url: URL, list: string): boolean {
  const host = url.hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== '');
  return entries.some((entry) => matches(entry.toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return inNetwork(entry, host);
  const [, name = '', wanted] = /^(\[.*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (wanted !== undefined && wanted !== port) return false;
  const plain = name.replace(/^\[|\]$/g, '').replace(/^\*(?=\.)/, '');
  if (plain.startsWith('.')) return host.endsWith(plain);
  return host === plain || (isIP(host) === 0 && host.endsWith(`.${plain}`));
}

function inNetwork(entry: string, host: string): boolean {
  const [net = '', prefix = ''] = entry.split('/');
  const family = isIP(net);
  if (family === 0 || isIP(host) !== family || !/^\d{1,3}$/.test(prefix)) return false;
  if (Number(prefix) > (family === 6 ? 128 : 32)) return false;
  const list = new BlockList();
  const type = family === 6 ? 'ipv6' : 'ipv4';
  list.addSubnet(net, Number(prefix), type);
  return list.check(host, type);
}

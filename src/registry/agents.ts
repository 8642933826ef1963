import type { ClientRequest } from 'node:http';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { rootCertificates } from 'node:tls';
import type { Certs } from './certs.ts';
import { readCerts, readExtraAuthorities, readSystemAuthorities } from './certs.ts';
import type { ProxyServer, ProxySettings } from './proxy.ts';
import { proxyFor } from './proxy.ts';

/** How the machine wants its connections made. */
export interface Connections {
  proxies?: ProxySettings | undefined;
  /** `certs.d` folders, the first one first. */
  certsFolders?: readonly string[];
  /** For SSL_CERT_FILE and NODE_EXTRA_CA_CERTS; the process's own when absent. */
  env?: NodeJS.ProcessEnv;
  /** Milliseconds for a proxy's answer. */
  connectTimeout: number;
}

/** What a connection to a server is made with. */
export interface Route {
  agent: { http?: HttpAgent; https?: HttpsAgent };
  proxy: ProxyServer | undefined;
  certs: Certs | undefined;
}

export interface RouteOptions {
  /** Any certificate will do. */
  insecure: boolean;
  /** The registry that names this server: what vouches for it vouches for those it works with, as for docker. */
  registry?: URL | undefined;
  /** The machine's authorities count too; reading them takes time, so they are a second chance. */
  system: boolean;
}

/** Finds, and keeps, the route to each server. Throws INVALID_CERTS. */
export type FindRoute = (url: URL, options: RouteOptions) => Promise<Route>;

export function createRoutes(connections: Connections): FindRoute {
  const routes = new Map<string, Promise<Route>>();
  return (url, options) => {
    const { insecure, system, registry } = options;
    const key = `${url.origin} ${insecure} ${system} ${registry?.origin}`;
    const known = routes.get(key) ?? makeRoute(url, options, connections);
    routes.set(key, known);
    known.catch(() => routes.delete(key));
    return known;
  };
}

async function makeRoute(url: URL, options: RouteOptions, connections: Connections): Promise<Route> {
  const proxy = proxyFor(url, connections.proxies);
  if (url.protocol === 'http:') {
    const http = discreet(await plainAgent(proxy, connections));
    return { agent: { http }, proxy, certs: undefined };
  }
  const certs = await certsFor(url, options.registry, connections.certsFolders ?? []);
  const tls = await tlsOptions(certs, options, connections.env ?? process.env);
  if (proxy === undefined)
    return { agent: { https: discreet(new HttpsAgent({ keepAlive: true, ...tls })) }, proxy, certs };
  const { HttpsProxyAgent } = await import('hpagent');
  const timeout = connections.connectTimeout;
  const https = new HttpsProxyAgent({ keepAlive: true, timeout, proxy: proxy.url.href, ...tls });
  return { agent: { https: discreet(https) }, proxy, certs };
}

/** The agent, but that it does not know what is asked for: Node.js prints what it knows where NODE_DEBUG says so. */
function discreet<A extends HttpAgent>(agent: A): A {
  const { addRequest } = agent as unknown as AddsRequests;
  const hide: AddsRequests['addRequest'] = (request, options) => {
    const { headers: _, href: __, search: ___, ...told } = options;
    addRequest.call(agent, request, told);
  };
  return Object.assign(agent, { addRequest: hide });
}

/** A client certificate is for the registry alone. */
async function certsFor(
  url: URL,
  registry: URL | undefined,
  folders: readonly string[],
): Promise<Certs | undefined> {
  const own = await readCerts(url, folders);
  if (own !== undefined || registry === undefined) return own;
  const certs = await readCerts(registry, folders);
  return certs && { ...certs, own: undefined };
}

async function plainAgent(
  proxy: ProxyServer | undefined,
  { connectTimeout }: Connections,
): Promise<HttpAgent> {
  if (proxy === undefined) return new HttpAgent({ keepAlive: true });
  if (proxy.url.protocol === 'http:') return new ForwardAgent(proxy.url);
  const { HttpProxyAgent } = await import('hpagent');
  return new HttpProxyAgent({ keepAlive: true, timeout: connectTimeout, proxy: proxy.url.href });
}

async function tlsOptions(
  certs: Certs | undefined,
  { insecure, system }: RouteOptions,
  env: NodeJS.ProcessEnv,
): Promise<{ ca?: string[]; cert?: string; key?: string; rejectUnauthorized?: boolean }> {
  const more = [...(certs?.authorities ?? []), ...(system ? await readSystemAuthorities(env) : [])];
  const ca = more.length > 0 && [...rootCertificates, ...(await readExtraAuthorities(env)), ...more];
  return { ...(ca && { ca }), ...certs?.own, ...(insecure && { rejectUnauthorized: false }) };
}

/** What Node.js calls for every request; its type declarations leave it out. */
interface AddsRequests {
  addRequest(request: ClientRequest, options: RequestPlace): void;
}

interface RequestPlace {
  host: string;
  port: number;
  headers?: object;
  href?: string;
  search?: string;
}

/** Plain http through a proxy: it gets the whole address (RFC 9112 section 3.2.2), no tunnel, which most would refuse. */
class ForwardAgent extends HttpAgent {
  constructor(private readonly proxy: URL) {
    super({ keepAlive: true });
  }

  addRequest(request: ClientRequest, options: { host: string; port: number }): void {
    const { hostname, port, username, password } = this.proxy;
    request.path = new URL(request.path, `http://${request.getHeader('host')}`).href;
    if (username !== '' || password !== '') {
      const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
      request.setHeader('proxy-authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
    }
    const there = { ...options, host: hostname, port: Number(port || 80) };
    (HttpAgent.prototype as unknown as AddsRequests).addRequest.call(this, request, there);
  }
}

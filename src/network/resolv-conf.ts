/** What a user may say about name resolution (resolv.conf(5)). */
export interface ResolverOptions {
  /** Addresses of name servers. */
  dns?: string[] | undefined;
  /** Domains; a single `.` for none. */
  dnsSearch?: string[] | undefined;
  dnsOptions?: string[] | undefined;
}

/** A container's resolv.conf: the host's, each part of which an option takes the place of. */
export function resolvConf(host: string, options: ResolverOptions): string {
  const { dns = [], dnsSearch = [], dnsOptions = [] } = options;
  if (dns.length + dnsSearch.length + dnsOptions.length === 0) return host;
  const search =
    dnsSearch.length > 0 ? dnsSearch.filter((domain) => domain !== '.') : wordsOf(host, 'search');
  const servers = dns.length > 0 ? dns : wordsOf(host, 'nameserver');
  const settings = dnsOptions.length > 0 ? dnsOptions : wordsOf(host, 'options');
  return [
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
    ...servers.map((server) => `nameserver ${server}`),
    ...(settings.length > 0 ? [`options ${settings.join(' ')}`] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function wordsOf(text: string, keyword: string): string[] {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  return lines.filter(([word]) => word === keyword).flatMap(([, ...words]) => words);
}

/** docker's (moby, libnetwork/resolvconf): what a container asks when the host names no server that it could reach. */
const FALLBACK_SERVERS = ['8.8.8.8', '8.8.4.4'];

/** The text without the servers that only the host itself reaches: those on loopback, and those on one of its links. */
export function reachableServers(text: string): { text: string; servers: number } {
  const lines = text.split('\n').filter((line) => !SERVER.test(line) || isReachable(line));
  return { text: lines.join('\n'), servers: lines.filter((line) => SERVER.test(line)).length };
}

/** The text with docker's fallback where it names no server. */
export function withFallback({ text, servers }: { text: string; servers: number }): string {
  if (servers > 0) return text;
  const head = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return head + FALLBACK_SERVERS.map((server) => `nameserver ${server}\n`).join('');
}

const SERVER = /^\s*nameserver\s/;

function isReachable(line: string): boolean {
  const address = line.trim().split(/\s+/)[1] ?? '';
  return !/^127\./.test(address) && address !== '::1' && !address.includes('%');
}

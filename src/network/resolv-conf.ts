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

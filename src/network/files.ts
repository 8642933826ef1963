import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import type { BindMount } from '../runtime/types.ts';
import { type ResolverOptions, reachableServers, resolvConf, withFallback } from './resolv-conf.ts';

/**
 * The order of gocker's forebear: systemd-resolved's list of real servers first, since the file in /etc may name its stub on
 * loopback; then what the administrator wrote for containers.
 */
const RESOLV_CONF_SOURCES = [
  '/var/run/systemd/resolve/resolv.conf',
  '/etc/gockerresolv.conf',
  '/etc/resolv.conf',
];

const HOSTS = `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::\tip6-localnet
ff00::\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
`;

export interface NetworkFiles extends ResolverOptions {
  hostname: string;
  /** Whose network the container sees: the host's, one of its own that reaches others, or one that reaches nobody. */
  reach: 'host' | 'networks' | 'nobody';
  /** `HOST:ADDRESS`, more lines of /etc/hosts. */
  extraHosts?: string[] | undefined;
}

/** Writes `hosts`, `hostname` and `resolv.conf` into the directory and says where the container sees them. */
export function writeNetworkFiles(directory: string, files: NetworkFiles): BindMount[] {
  const hosts = files.reach === 'host' ? (readIfThere('/etc/hosts') ?? HOSTS) : HOSTS;
  const contents = {
    hosts: `${hosts}${hostLines(files.extraHosts)}`,
    hostname: `${files.hostname}\n`,
    'resolv.conf': resolvConf(hostResolvConf(files.reach), files),
  };
  for (const [name, content] of Object.entries(contents)) {
    // Any user of the container may read them; on the host the directory above keeps others out.
    writeFileSync(join(directory, name), content, { mode: 0o644 });
  }
  return bindsOf(directory);
}

/** The files of names in a container's directory, and where they go. */
export function bindsOf(directory: string): BindMount[] {
  return ['hosts', 'hostname', 'resolv.conf'].map((name) => ({
    source: join(directory, name),
    destination: `/etc/${name}`,
    readonly: false,
    recursive: false,
  }));
}

function hostLines(extraHosts: string[] = []): string {
  return extraHosts
    .map((entry) => {
      const colon = entry.indexOf(':');
      return `${entry.slice(colon + 1)}\t${entry.slice(0, colon)}\n`;
    })
    .join('');
}

/** The host's file; where the container has a network of its own, the first one with a server that can be reached from there. */
function hostResolvConf(reach: NetworkFiles['reach']): string {
  const texts: string[] = [];
  for (const path of RESOLV_CONF_SOURCES) {
    const text = readIfThere(path);
    if (text !== undefined) texts.push(text);
  }
  if (reach !== 'networks') return texts[0] ?? '';
  const reachable = texts.map(reachableServers);
  const found = reachable.find(({ servers }) => servers > 0) ?? reachable[0];
  return withFallback(found ?? { text: '', servers: 0 });
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

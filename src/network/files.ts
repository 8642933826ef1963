import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import type { BindMount } from '../runtime/types.ts';
import { type ResolverOptions, resolvConf } from './resolv-conf.ts';

/** systemd-resolved's list of real servers first: the one in /etc may name its stub on loopback. */
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
  /** The container shares the host's network and so its /etc/hosts. */
  host: boolean;
  /** Address and names of the container itself. */
  own?: { address: string; names: string[] };
  /** `HOST:ADDRESS`, more lines of /etc/hosts. */
  extraHosts?: string[] | undefined;
}

/** Writes `hosts`, `hostname` and `resolv.conf` into the directory and says where the container sees them. */
export async function writeNetworkFiles(directory: string, files: NetworkFiles): Promise<BindMount[]> {
  const contents = {
    hosts: `${files.host ? ((await readFirst(['/etc/hosts'])) ?? HOSTS) : hostsFile(files.own)}${hostLines(files.extraHosts)}`,
    hostname: `${files.hostname}\n`,
    'resolv.conf': resolvConf((await readFirst(RESOLV_CONF_SOURCES)) ?? '', files),
  };
  for (const [name, content] of Object.entries(contents)) {
    // Any user of the container may read them; on the host the directory above keeps others out.
    await writeFile(join(directory, name), content, { mode: 0o644 });
  }
  return Object.keys(contents).map((name) => ({
    source: join(directory, name),
    destination: `/etc/${name}`,
    readonly: false,
    recursive: false,
  }));
}

/** docker's /etc/hosts, with a line for the container itself when it has an address. */
export function hostsFile(own?: NetworkFiles['own']): string {
  return own ? `${HOSTS}${own.address}\t${own.names.join(' ')}\n` : HOSTS;
}

function hostLines(extraHosts: string[] = []): string {
  return extraHosts
    .map((entry) => {
      const colon = entry.indexOf(':');
      return `${entry.slice(colon + 1)}\t${entry.slice(0, colon)}\n`;
    })
    .join('');
}

async function readFirst(paths: string[]): Promise<string | undefined> {
  for (const path of paths) {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
    }
  }
  return undefined;
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GockerError, hasCode } from '../errors.ts';

/** What certs.d says about a registry's TLS. */
export interface Certs {
  /** Authorities that are trusted besides the usual ones, in PEM. */
  authorities: string[];
  /** What this machine shows when it is asked for a certificate, in PEM. */
  own: { cert: string; key: string } | undefined;
  /** What was read, for messages. */
  files: string[];
}

/** Where docker and containers' tools look (containers-certs.d(5)); the first folder that has the host counts. */
export const CERTS_FOLDERS = ['/etc/containers/certs.d', '/etc/docker/certs.d'];

/**
 * The certificates in `FOLDER/HOST[:PORT]/`: `*.crt` are authorities, `NAME.cert` with `NAME.key` is the client's own.
 * Undefined when no folder knows the host. Throws INVALID_CERTS.
 */
export async function readCerts(url: URL, folders: readonly string[]): Promise<Certs | undefined> {
  for (const folder of folders) {
    for (const name of namesOf(url)) {
      const certs = await readFolder(join(folder, name));
      if (certs !== undefined) return certs;
    }
  }
  return undefined;
}

/** Docker Hub's API has a host of its own, which nobody knows by name; the port of https may be written or not. */
function namesOf({ hostname, port }: URL): string[] {
  if (port !== '') return [`${hostname}:${port}`];
  const hub = hostname === 'registry-1.docker.io' ? ['docker.io'] : [];
  return [hostname, `${hostname}:443`, ...hub];
}

async function readFolder(folder: string): Promise<Certs | undefined> {
  const names = await orNothing(readdir(folder));
  if (names === undefined) return undefined;
  const read = (name: string) => readPEM(join(folder, name));
  const authorities = names.filter((name) => name.endsWith('.crt')).sort();
  const own = names.filter((name) => name.endsWith('.cert')).sort();
  const keys = names.filter((name) => name.endsWith('.key')).map((name) => name.replace(/\.key$/, '.cert'));
  checkPairs(folder, { own, keys });
  const [cert] = own;
  return {
    authorities: await Promise.all(authorities.map(read)),
    own:
      cert === undefined
        ? undefined
        : { cert: await read(cert), key: await read(cert.replace(/\.cert$/, '.key')) },
    files: [...authorities, ...own.slice(0, 1)].map((name) => join(folder, name)),
  };
}

function checkPairs(folder: string, { own, keys }: { own: string[]; keys: string[] }): void {
  const refuse = (missing: string, of: string) =>
    new GockerError('INVALID_CERTS', `${join(folder, missing)} is missing: ${of} needs it`, {
      hint: 'a client certificate is NAME.cert and its key NAME.key; an authority is NAME.crt',
    });
  const [cert] = own.filter((name) => !keys.includes(name));
  if (cert !== undefined) throw refuse(cert.replace(/\.cert$/, '.key'), cert);
  const [key] = keys.filter((name) => !own.includes(name));
  if (key !== undefined) throw refuse(key, key.replace(/\.cert$/, '.key'));
}

async function readPEM(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new GockerError('INVALID_CERTS', `cannot read ${path}`, { cause: error });
  });
  if (text.includes('-----BEGIN ')) return text;
  throw new GockerError('INVALID_CERTS', `${path} is not in PEM format`, {
    hint: 'openssl x509 -inform der -in FILE -out FILE.crt converts one',
  });
}

async function orNothing<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw new GockerError('INVALID_CERTS', 'cannot read certs.d', { cause: error });
  });
}

/** Where distributions keep the authorities of the machine (Go's crypto/x509 looks there too). */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** The machine's own authorities, which Node.js does not read by itself; empty where there are none. */
export async function readSystemAuthorities(env: NodeJS.ProcessEnv): Promise<string[]> {
  for (const path of env.SSL_CERT_FILE ? [env.SSL_CERT_FILE] : BUNDLES) {
    const text = await orNothing(readFile(path, 'utf8'));
    if (text?.includes('-----BEGIN ')) return [text];
  }
  return [];
}

/** What NODE_EXTRA_CA_CERTS adds; Node.js forgets it where authorities are named. */
export async function readExtraAuthorities(env: NodeJS.ProcessEnv): Promise<string[]> {
  const path = env.NODE_EXTRA_CA_CERTS;
  const text = path ? await readFile(path, 'utf8').catch(() => '') : '';
  return text.includes('-----BEGIN ') ? [text] : [];
}

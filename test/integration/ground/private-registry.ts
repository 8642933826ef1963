/** Debian's docker-registry over TLS, for those who know the password, have a token, or show a certificate. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Authority, createAuthority } from '../../fixtures/tls.ts';
import { freePort } from './registry.ts';

export const USER = 'me';
export const PASSWORD = 'open-SESAME-9';
/** bcrypt of the password, which is all that docker-registry reads. */
const HTPASSWD = `${USER}:$2b$05$abcdefghijklmnopqrstuubgqW2jUoBB1VUPt.YSGb5nPlOAaSSAS\n`;

export interface PrivateRegistry {
  /** `localhost:PORT` */
  host: string;
  /** The authority's certificate, in PEM. */
  authority: string;
  /** A folder as certs.d wants it, with what `copy` needs. */
  certs: string;
  /** Copies `IMAGE` of another registry on loopback to here. */
  copy(from: string, name: string): Promise<void>;
  stop(): Promise<void>;
}

export interface PrivateOptions {
  /** Who signed its certificate; one of its own when absent. */
  authority?: Authority;
  /** Those who have no certificate of the authority do not get in. */
  mutual?: boolean;
  /** The `auth` of its configuration; a password when absent. Named files are written into `directory` first. */
  auth?(directory: string): object;
}

/** Starts it with a certificate for `localhost`; `stop` leaves nothing of it. */
export async function startPrivateRegistry(options: PrivateOptions = {}): Promise<PrivateRegistry> {
  const directory = mkdtempSync(join(tmpdir(), 'gocker-registry-'));
  const at = (name: string) => join(directory, name);
  const port = await freePort();
  const authority = options.authority ?? createAuthority('Private Authority');
  const client = authority.issue('client');
  const { cert, key } = authority.issue('localhost');
  const own = { 'cert.pem': cert, 'key.pem': key, htpasswd: HTPASSWD };
  const files = { ...own, 'ca.crt': authority.cert, 'client.cert': client.cert, 'client.key': client.key };
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
  writeFileSync(
    at('config.yml'),
    JSON.stringify({
      version: 0.1,
      log: { level: 'error', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: at('storage') } },
      http: {
        addr: `127.0.0.1:${port}`,
        tls: {
          certificate: at('cert.pem'),
          key: at('key.pem'),
          ...(options.mutual && { clientcas: [at('ca.crt')] }),
        },
      },
      auth: options.auth?.(directory) ?? { htpasswd: { realm: 'private', path: at('htpasswd') } },
    }),
  );
  const server = spawn('docker-registry', ['serve', at('config.yml')], { stdio: 'ignore' });
  const ended = once(server, 'exit');
  for (let attempt = 0; attempt < 100 && !(await listens(port)); attempt++) await sleep(50);
  const host = `localhost:${port}`;
  return {
    host,
    authority: authority.cert,
    certs: directory,
    copy: async (from, name) => {
      const there = ['--dest-cert-dir', directory, '--dest-creds', `${USER}:${PASSWORD}`];
      const args = [
        'copy',
        '--src-tls-verify=false',
        ...there,
        `docker://${from}`,
        `docker://${host}/${name}`,
      ];
      await promisify(execFile)('skopeo', args);
    },
    stop: async () => {
      server.kill();
      await ended;
      if (options.authority === undefined) authority.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function listens(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
}

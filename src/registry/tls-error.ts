import { printable } from '../image/printable.ts';
import type { Circumstances } from './circumstances.ts';

/** What a person is told about a handshake that failed. */
export interface TlsSaying {
  message: string;
  hint: string;
}

/** The first word of a code, and what it means; `undefined` when the failure is not about certificates. */
export function explainTls(code: string, url: URL, about: Circumstances | undefined): TlsSaying | undefined {
  const found = SAYINGS.find(([pattern]) => pattern.test(code));
  return found?.[1](url, about);
}

type Say = (url: URL, about: Circumstances | undefined) => TlsSaying;

const SAYINGS: [RegExp, Say][] = [
  [/^CERT_HAS_EXPIRED$/, expired],
  [/^CERT_NOT_YET_VALID$/, notYet],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, otherName],
  [
    /ALERT_CERTIFICATE_REQUIRED|ALERT_(BAD|UNKNOWN|UNSUPPORTED)_CERT|ALERT_HANDSHAKE_FAILURE/,
    wantsCertificate,
  ],
  [/ALERT_UNKNOWN_CA/, wantsCertificate],
  [/CERT|^UNABLE_TO_|^CRL_|^INVALID_CA$/, untrusted],
];

/** Where docker, containers' tools and gocker look for what belongs to the registry. */
function folderOf({ host }: URL): string {
  return `/etc/docker/certs.d/${host === 'registry-1.docker.io' ? 'docker.io' : host}`;
}

function untrusted(url: URL, about: Circumstances | undefined): TlsSaying {
  const shown = about?.certificate;
  const self = shown !== undefined && shown.issuer === shown.subject;
  const by = shown && (self ? `${q(shown.subject)} signed it itself` : `it was issued by ${q(shown.issuer)}`);
  const known = about?.route.certs?.files.filter((file) => file.endsWith('.crt')) ?? [];
  const tried = known.length > 0 ? `, which none of these is: ${known.join(', ')}` : '';
  return {
    message: `the certificate of ${url.host} is not trusted${by ? `: ${by}${tried}` : ''}`,
    hint: `when you trust it, put the certificate of ${self ? 'the server' : 'the issuer'} into ${folderOf(url)}/ca.crt`,
  };
}

function expired(url: URL, about: Circumstances | undefined): TlsSaying {
  const since = about?.certificate ? ` on ${printable(about.certificate.validTo, 40)}` : '';
  return {
    message: `the certificate of ${url.host} expired${since}`,
    hint: 'whoever runs it has to renew it; when the date is not over yet, correct the clock of this machine',
  };
}

function notYet(url: URL): TlsSaying {
  return {
    message: `the certificate of ${url.host} is not valid yet`,
    hint: 'correct the clock of this machine',
  };
}

function otherName(url: URL, about: Circumstances | undefined): TlsSaying {
  const names = about?.certificate?.names;
  const whose = names ? `: it is for ${printable(names, 120)}` : '';
  return {
    message: `the certificate of ${url.host} is for another name${whose}`,
    hint: 'use a name that the certificate has, or have one made for this name',
  };
}

function wantsCertificate(url: URL, about: Circumstances | undefined): TlsSaying {
  const [own] = about?.route.certs?.files.filter((file) => file.endsWith('.cert')) ?? [];
  if (own !== undefined) {
    return {
      message: `${url.host} did not accept the client certificate ${own}`,
      hint: 'ask whoever runs the registry for one that is valid',
    };
  }
  return {
    message: `${url.host} did not accept the connection; it may want a client certificate`,
    hint: `put it into ${folderOf(url)}/client.cert and its key into client.key beside it`,
  };
}

function q(text: string): string {
  return `"${printable(text, 80)}"`;
}

import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';

/** What a server showed of itself, as far as a person needs it. */
export interface ShownCertificate {
  subject: string;
  issuer: string;
  /** `DNS:a.io, IP Address:10.0.0.1` */
  names: string | undefined;
  validTo: string;
}

/**
 * Remembers what the request's server shows in its handshake: once Node.js has refused a certificate, it has also
 * forgotten it. The returned function tells it, if there was one.
 */
export function watchCertificate(request: ClientRequest): () => ShownCertificate | undefined {
  let shown: ShownCertificate | undefined;
  const watch = (socket: Socket) => {
    if (!('getPeerCertificate' in socket)) return;
    const tls = socket as TLSSocket;
    // Before Node.js's own listener, which ends the connection.
    tls.prependOnceListener('secure', () => {
      shown = describe(tls.getPeerCertificate());
    });
  };
  request.once('socket', watch);
  return () => shown;
}

function describe(certificate: PeerCertificate | undefined): ShownCertificate | undefined {
  if (!certificate?.subject) return undefined;
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    names: certificate.subjectaltname,
    validTo: certificate.valid_to,
  };
}

function nameOf({ CN, O, OU }: PeerCertificate['subject']): string {
  return [CN, O, OU].flat().find((part) => typeof part === 'string' && part !== '') ?? 'nobody';
}

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { parseReference } from '../../src/image/reference.ts';
import { explainNetworkError } from '../../src/registry/network-error.ts';
import { client, failure, registry } from '../fixtures/client.ts';

const url = new URL('https://r.io:8443/v2/x?token=SECRET');

test.each([
  ['ENOTFOUND', 'REGISTRY_UNREACHABLE', 'cannot find the address of r.io:8443'],
  ['EAI_AGAIN', 'REGISTRY_UNREACHABLE', 'cannot find the address'],
  ['ECONNREFUSED', 'REGISTRY_UNREACHABLE', 'refused'],
  ['EHOSTUNREACH', 'REGISTRY_UNREACHABLE', 'no way'],
  ['ECONNRESET', 'REGISTRY_UNREACHABLE', 'cut'],
  ['ETIMEDOUT', 'REGISTRY_TIMEOUT', 'in time'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS_FAILED', 'https'],
  ['CERT_HAS_EXPIRED', 'TLS_FAILED', 'expired'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS_FAILED', 'not trusted'],
  ['CERT_NOT_YET_VALID', 'TLS_FAILED', 'not valid yet'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS_FAILED', 'another name'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'TLS_FAILED', 'client certificate'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'TLS_FAILED', 'not trusted'],
  ['HPE_INVALID_CONSTANT', 'NOT_A_REGISTRY', 'does not answer in http'],
  ['HPE_INVALID_CHUNK_SIZE', 'UNEXPECTED_ANSWER', 'broken http'],
  ['HPE_HEADER_OVERFLOW', 'TOO_LARGE', 'headers of more than 16384 bytes'],
  ['EWHATEVER', 'REGISTRY_UNREACHABLE', 'boom'],
])('%s is %s', (code, expected, text) => {
  const error = explainNetworkError(Object.assign(new Error('boom'), { code }), url);
  expect(error).toMatchObject({ code: expected, url: 'https://r.io:8443/v2/x' });
  expect(error.message).toContain(text);
  expect(error.hint).toBeTruthy();
  expect(error.message + error.hint).not.toContain('SECRET');
});

test('what is no error stays what it is', () => {
  expect(() => explainNetworkError('text', url)).toThrow('text');
});

test('https to a plain http server: fails, names the way out, and never tries plain (CVE-2014-5277)', async () => {
  const { host, requests } = await registry();
  const error = await failure(client().fetchManifest(parseReference(`https://${host}/team/app:1`)));
  expect(error.code).toBe('TLS_FAILED');
  expect(error.hint).toContain(`http://${host}/NAME`);
  expect(requests).toEqual([]);
});

test('a server that speaks something else', async () => {
  const server = createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const error = await failure(client().fetchManifest(parseReference(`127.0.0.1:${port}/x`)));
    expect(error.code).toBe('NOT_A_REGISTRY');
  } finally {
    server.close();
  }
});

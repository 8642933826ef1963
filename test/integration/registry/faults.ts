import { gzipSync } from 'node:zlib';
import type { Behaviour } from '../../fixtures/registry.ts';
import type { Fault, Place } from './places.ts';
import { faults, image, index, layer, noise, PLACES } from './places.ts';

const EVERYWHERE = Object.keys(PLACES) as Place[];
const MANIFESTS: Place[] = ['index', 'manifest'];
const DOCUMENTS: Place[] = ['token', ...MANIFESTS];
const BLOBS: Place[] = ['config', 'layer'];

/** What may pass: the same is asked again. */
const PASSING: Fault[] = [
  ...faults(
    EVERYWHERE,
    [
      ['HTTP 408', { status: 408, body: '' }, 'UNEXPECTED_ANSWER'],
      ['HTTP 429', { status: 429, body: '' }, 'RATE_LIMITED'],
      ['HTTP 500', { status: 500, body: '' }, 'REGISTRY_UNAVAILABLE'],
      ['HTTP 502 and a page', { status: 502, html: true }, 'REGISTRY_UNAVAILABLE'],
      ['HTTP 503', { status: 503, body: '' }, 'REGISTRY_UNAVAILABLE'],
      ['HTTP 504', { status: 504, body: '' }, 'REGISTRY_UNAVAILABLE'],
      ['an endless error', { status: 500, endless: true }, 'REGISTRY_UNAVAILABLE'],
      ['a redirect to itself', { redirect: '?' }, 'REDIRECT_REFUSED'],
      ['a hang-up', { hangUp: true }, 'REGISTRY_UNREACHABLE'],
      ['a cut', { cutAfter: 20 }, 'REGISTRY_UNREACHABLE'],
      ['a reset', { cutAfter: 20, reset: true }, 'REGISTRY_UNREACHABLE'],
      ['silence', { stallAfter: -1 }, 'REGISTRY_TIMEOUT'],
      ['a stall', { stallAfter: 20 }, 'REGISTRY_TIMEOUT'],
      ['a byte now and then', { drip: { bytes: 1, every: 20 } }, 'REGISTRY_TIMEOUT'],
      ['a header that never ends', { raw: 'HTTP/1.1 200 OK\r\nx: ' }, 'REGISTRY_TIMEOUT'],
      [
        'one greeting after the other',
        { raw: 'HTTP/1.1 103 Early Hints\r\n\r\n', rawAgain: true },
        'REGISTRY_TIMEOUT',
      ],
    ],
    true,
  ),
  ...faults(
    ['layer'],
    [['chunks that end early', { body: layer.bytes.subarray(0, 50), contentLength: false }, 'SIZE_MISMATCH']],
    true,
  ),
];

const raw = (...lines: string[]): Behaviour => ({ raw: lines.join('\r\n') });

const ANYWHERE: Fault[] = faults(
  EVERYWHERE,
  [
    ['HTTP 204', { status: 204, body: '' }, 'UNEXPECTED_ANSWER'],
    ['HTTP 403', { status: 403 }, 'DENIED'],
    ['HTTP 418', { status: 418 }, 'UNEXPECTED_ANSWER'],
    ['a page', { html: true }, 'NOT_A_REGISTRY'],
    ['a page with 404', { html: true, status: 404 }, 'NOT_A_REGISTRY'],
    ['headers of 1 MB', { headers: { x: 'x'.repeat(1_000_000) } }, 'TOO_LARGE'],
    ['another protocol', raw('SSH-2.0-OpenSSH', '', ''), 'NOT_A_REGISTRY'],
    [
      'two lengths',
      raw('HTTP/1.1 200 OK', 'Content-Length: 1', 'Content-Length: 2', '', 'ab'),
      'UNEXPECTED_ANSWER',
    ],
    [
      'a length and chunks',
      raw('HTTP/1.1 200 OK', 'Content-Length: 1', 'Transfer-Encoding: chunked', '', '0', '', ''),
      'UNEXPECTED_ANSWER',
    ],
    [
      'a challenge in two lines',
      raw('HTTP/1.1 401 No', 'WWW-Authenticate: Bearer realm="x', ' y: z"', '', ''),
      'UNEXPECTED_ANSWER',
    ],
    ['a redirect to where nobody is', { redirect: 'http://127.0.0.1:1/' }, 'REGISTRY_UNREACHABLE'],
    ['a redirect to this machine’s link', { redirect: 'http://169.254.169.254/' }, 'REDIRECT_REFUSED'],
    ['a redirect to a file', { redirect: 'file:///etc/passwd' }, 'REDIRECT_REFUSED'],
    ['a redirect with a user', { redirect: 'http://u:p@127.0.0.1/' }, 'REDIRECT_REFUSED'],
    ['a redirect to nowhere', { status: 302 }, 'REDIRECT_REFUSED'],
  ],
  false,
);

/** Says nothing of its digest. */
const unsaid = { 'docker-content-digest': undefined };
const text = (body: string): Behaviour => ({ body, headers: unsaid });
const parsed = (document: { bytes: Buffer }) => JSON.parse(document.bytes.toString());

const IN_DOCUMENTS: Fault[] = [
  ...faults(
    DOCUMENTS,
    [
      ['a part', { status: 206 }, 'UNEXPECTED_ANSWER'],
      ['an endless body', { endless: true }, 'TOO_LARGE'],
      ['a huge length', { contentLength: 1e12, stallAfter: 5 }, 'TOO_LARGE'],
    ],
    false,
  ),
  ...faults(
    ['token', 'index'],
    [
      ['a byte order mark', text(`\uFEFF{"token":"a"}`), 'INVALID_JSON'],
      ['deep JSON', text('['.repeat(10_000) + ']'.repeat(10_000)), 'INVALID_JSON'],
      ['a key twice', text('{"token":"a","token":"b"}'), 'INVALID_JSON'],
      ['__proto__', text('{"__proto__":{"token":"a"}}'), 'INVALID_JSON'],
      ['half a document', text('{"token": "aaaa'), 'INVALID_JSON'],
      ['no document', text(''), 'INVALID_JSON'],
    ],
    false,
  ),
  ...faults(
    MANIFESTS,
    [
      ['HTTP 404', { status: 404, body: '' }, 'IMAGE_NOT_FOUND'],
      ['other bytes', { flipByte: 30 }, 'DIGEST_MISMATCH'],
      [
        'a lying digest',
        { headers: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` } },
        'DIGEST_MISMATCH',
      ],
      [
        'a digest that is none',
        { headers: { 'docker-content-digest': 'sha256:../../x' } },
        'DIGEST_MISMATCH',
      ],
      ['another type', { headers: { 'content-type': 'application/json' } }, 'UNSUPPORTED_MEDIA_TYPE'],
      ['no type', { headers: { 'content-type': undefined } }, 'UNSUPPORTED_MEDIA_TYPE'],
      [
        'a Content-Encoding',
        { body: gzipSync(index.bytes), headers: { ...unsaid, 'content-encoding': 'gzip' } },
        'UNEXPECTED_ANSWER',
      ],
    ],
    false,
  ),
  ...faults(
    ['index'],
    [
      ['the type of something else', { headers: { 'content-type': image.mediaType } }, 'INVALID_MANIFEST'],
      [
        'manifest and index in one',
        text(JSON.stringify({ ...parsed(image), ...parsed(index) })),
        'INVALID_MANIFEST',
      ],
    ],
    false,
  ),
  ...faults(
    ['manifest'],
    [
      ['the type of something else', { headers: { 'content-type': index.mediaType } }, 'INVALID_MANIFEST'],
      [
        'another document',
        text(JSON.stringify({ ...parsed(image), annotations: { a: 'b' } })),
        'DIGEST_MISMATCH',
      ],
    ],
    false,
  ),
];

const IN_BLOBS: Fault[] = faults(
  BLOBS,
  [
    ['HTTP 404', { status: 404, body: '' }, 'BLOB_NOT_FOUND'],
    ['other bytes', { flipByte: 30 }, 'DIGEST_MISMATCH'],
    ['a part', { status: 206 }, 'BAD_RANGE'],
    ['a wrong length', { contentLength: 7 }, 'SIZE_MISMATCH'],
    ['an endless body', { endless: true }, 'SIZE_MISMATCH'],
    ['too few bytes', { body: 'short' }, 'SIZE_MISMATCH'],
    [
      'a Content-Encoding',
      { body: gzipSync(noise), headers: { 'content-encoding': 'gzip' } },
      'SIZE_MISMATCH',
    ],
  ],
  false,
);

const IN_TOKENS: Fault[] = faults(
  ['token'],
  [
    ['no token', { body: '{}' }, 'INVALID_TOKEN'],
    ['an empty token', { body: '{"token":""}' }, 'INVALID_TOKEN'],
    ['a token that is no text', { body: '{"token":7}' }, 'INVALID_TOKEN'],
    ['a token with a line end', { body: '{"token":"a\\r\\nx: y"}' }, 'INVALID_TOKEN'],
    ['a token of 70 KB', { body: `{"token":"${'x'.repeat(70_000)}"}` }, 'TOO_LARGE'],
    ['a life that is no number', { body: '{"token":"a","expires_in":"soon"}' }, 'INVALID_TOKEN'],
    ['a life of less than nothing', { body: '{"token":"a","expires_in":-5}' }, 'INVALID_TOKEN'],
    ['a token that nobody takes', { body: '{"token":"a"}' }, 'UNAUTHORIZED'],
    ['an array', { body: '[]' }, 'INVALID_TOKEN'],
  ],
  false,
);

/** Realms, and other things that a server may want of us before it serves. */
const CHALLENGES: Fault[] = (
  [
    ['nothing', undefined, 'UNAUTHORIZED'],
    ['what nobody understands', 'Negotiate, NTLM', 'UNAUTHORIZED'],
    ['nonsense', '",,=;"'.repeat(1000), 'UNAUTHORIZED'],
    ['a token of nobody', 'Bearer', 'REALM_REFUSED'],
    ['a token of this machine’s link', 'Bearer realm="http://169.254.169.254/token"', 'REALM_REFUSED'],
    ['a token of the neighbour', 'Bearer realm="https://10.0.0.1/token"', 'REALM_REFUSED'],
    ['a token over plain http', 'Bearer realm="http://auth.example.com/token"', 'REALM_REFUSED'],
    ['a token of a file', 'Bearer realm="file:///etc/passwd"', 'REALM_REFUSED'],
    ['a token of where nobody is', 'Bearer realm="http://127.0.0.1:1/token"', 'REGISTRY_UNREACHABLE'],
  ] as const
).map(([name, challenge, code]) => ({
  place: 'layer',
  name: `wants ${name}`,
  behaviour: { status: 401, headers: { 'www-authenticate': challenge } },
  code,
  passes: false,
}));

export const FAULTS: Fault[] = [
  ...PASSING,
  ...ANYWHERE,
  ...IN_DOCUMENTS,
  ...IN_BLOBS,
  ...IN_TOKENS,
  ...CHALLENGES,
];

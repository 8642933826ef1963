import { describe, expect, test } from 'vitest';
import { GockerError } from '../../src/errors.ts';
import {
  familiarName,
  familiarRepository,
  formatReference,
  parseReference,
  repositoryOf,
} from '../../src/image/reference.ts';

const HEX = 'a'.repeat(64);

function refusal(text: string): GockerError {
  try {
    parseReference(text);
  } catch (error) {
    if (error instanceof GockerError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

test.each([
  // typed, canonical, familiar
  ['alpine', 'docker.io/library/alpine:latest', 'alpine:latest'],
  ['alpine:3.20', 'docker.io/library/alpine:3.20', 'alpine:3.20'],
  ['user/app', 'docker.io/user/app:latest', 'user/app:latest'],
  ['library/alpine', 'docker.io/library/alpine:latest', 'alpine:latest'],
  ['docker.io/alpine', 'docker.io/library/alpine:latest', 'alpine:latest'],
  ['index.docker.io/alpine', 'docker.io/library/alpine:latest', 'alpine:latest'],
  ['docker.io/library/a/b', 'docker.io/library/a/b:latest', 'library/a/b:latest'],
  ['localhost/x', 'localhost/x:latest', 'localhost/x:latest'],
  ['localhost:5000/x:1', 'localhost:5000/x:1', 'localhost:5000/x:1'],
  ['localhost:5000', 'docker.io/library/localhost:5000', 'localhost:5000'],
  ['127.0.0.1:5000/a/b', '127.0.0.1:5000/a/b:latest', '127.0.0.1:5000/a/b:latest'],
  ['[::1]:5000/x', '[::1]:5000/x:latest', '[::1]:5000/x:latest'],
  ['[2001:db8::1]/x', '[2001:db8::1]/x:latest', '[2001:db8::1]/x:latest'],
  ['EXAMPLE/x', 'EXAMPLE/x:latest', 'EXAMPLE/x:latest'],
  ['quay.io/a__b/c--d.e_f', 'quay.io/a__b/c--d.e_f:latest', 'quay.io/a__b/c--d.e_f:latest'],
  [`alpine@sha256:${HEX}`, `docker.io/library/alpine@sha256:${HEX}`, `alpine@sha256:${HEX}`],
  [`alpine:3@sha256:${HEX}`, `docker.io/library/alpine@sha256:${HEX}`, `alpine@sha256:${HEX}`],
  [`a:Tag_1.-x`, 'docker.io/library/a:Tag_1.-x', 'a:Tag_1.-x'],
  ['http://127.0.0.1:5000/x', '127.0.0.1:5000/x:latest', '127.0.0.1:5000/x:latest'],
  ['https://box/x', 'box:443/x:latest', 'box:443/x:latest'],
  ['http://box/x', 'box:80/x:latest', 'box:80/x:latest'],
  ['https://docker.io/alpine', 'docker.io/library/alpine:latest', 'alpine:latest'],
])('%s', (text, canonical, familiar) => {
  const reference = parseReference(text);
  expect(formatReference(reference)).toBe(canonical);
  expect(familiarName(reference)).toBe(familiar);
  const { scheme: _, ...nameOnly } = reference;
  expect(parseReference(canonical)).toEqual(nameOnly);
  expect(parseReference(familiar)).toEqual(nameOnly);
});

test('takes a reference apart', () => {
  expect(parseReference('http://h:1/a/b:c')).toEqual({
    domain: 'h:1',
    path: 'a/b',
    tag: 'c',
    scheme: 'http',
  });
  expect(parseReference(`a@sha256:${HEX}`)).toEqual({
    domain: 'docker.io',
    path: 'library/a',
    digest: `sha256:${HEX}`,
  });
  expect(repositoryOf(parseReference('a'))).toBe('docker.io/library/a');
  expect(familiarRepository(parseReference('a:1'))).toBe('a');
});

describe('limits', () => {
  test('a path of 255 characters is accepted, 256 are not', () => {
    expect(parseReference(`h.io/${'a'.repeat(255)}`).path).toHaveLength(255);
    expect(refusal(`h.io/${'a'.repeat(256)}`).message).toContain('256 characters');
    expect(parseReference('a'.repeat(247)).path).toHaveLength(255);
    expect(refusal('a'.repeat(248)).code).toBe('INVALID_REFERENCE');
  });

  test('a tag of 128 characters is accepted, 129 are not', () => {
    expect(parseReference(`a:${'t'.repeat(128)}`).tag).toHaveLength(128);
    expect(refusal(`a:${'t'.repeat(129)}`).hint).toContain('1 to 128');
  });

  test('64 hex digits are an ID, 63 are a name', () => {
    expect(refusal(HEX).message).toContain('image ID');
    expect(parseReference(HEX.slice(1)).path).toBe(`library/${HEX.slice(1)}`);
  });
});

test.each([
  ['', 'name is missing'],
  [':tag', 'name is missing'],
  ['Alpine', 'lower case'],
  ['user/App:1', 'lower case'],
  ['a b', 'not allowed'],
  ['-rf', 'not allowed'],
  ['.', 'not allowed'],
  ['..', 'not allowed'],
  ['../../etc/passwd', 'registry host'],
  ['a/../b', 'not allowed'],
  ['a//b', 'not allowed'],
  ['/a', 'not allowed'],
  ['a/', 'not allowed'],
  ['a___b', 'not allowed'],
  ['a..b', 'not allowed'],
  ['a%00b', 'not allowed'],
  ['a\0b', 'not allowed'],
  ['a\nb', 'not allowed'],
  ['$(x)', 'not allowed'],
  ['ünicode', 'not allowed'],
  ['a:', 'no tag'],
  ['a:-x', 'no tag'],
  ['a:b/c', 'registry host'],
  ['a:b c', 'no tag'],
  ['h.io:99999/a', 'registry host'],
  ['user:pass@h.io/a', 'registry host'],
  ['h_x.io/a', 'registry host'],
  ['[::1/a', 'registry host'],
  ['[zz]:1/a', 'registry host'],
  ['http://docker.io/alpine', 'plain http'],
  ['ftp://h/a', 'registry host'],
  ['http:///a', 'not allowed'],
])('refuses %j', (text, why) => {
  const error = refusal(text);
  expect(error.code).toBe('INVALID_REFERENCE');
  expect(error.message).toContain(why);
  expect(error.hint).toBeTruthy();
});

test.each([
  'md5:aa',
  `sha512:${HEX}${HEX}`,
  `sha256:${HEX.toUpperCase()}`,
  'sha256:..',
  `sha256:${HEX}:x`,
  '',
])('refuses the digest %j', (digest) => {
  expect(refusal(`alpine@${digest}`).code).toBe('INVALID_DIGEST');
});

test('hints name the lower-case spelling', () => {
  expect(refusal('User/App:1').code).toBe('INVALID_REFERENCE');
  expect(refusal('user/App').hint).toContain('user/app');
});

test('escapes what the terminal could act on', () => {
  expect(refusal('a\u001b]0;x\u0007\u202e\u009bb').message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
});

test('random texts give a reference of the grammar or a GockerError', () => {
  const alphabet = [
    'a',
    'Z',
    '0',
    '.',
    '..',
    '/',
    ':',
    '@',
    '_',
    '-',
    '%',
    ' ',
    '\0',
    '\n',
    '[',
    ']',
    'sha256:',
    '\\',
    'é',
  ];
  let seed = 1;
  const next = (below: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  let accepted = 0;
  for (let round = 0; round < 10_000; round++) {
    const text = Array.from({ length: 1 + next(8) }, () => alphabet[next(alphabet.length)]).join('');
    try {
      const reference = parseReference(text);
      accepted++;
      expect(reference.path.split('/').every((part) => /^[a-z0-9][a-z0-9._-]*$/.test(part))).toBe(true);
    } catch (error) {
      if (!(error instanceof GockerError)) throw error;
    }
  }
  expect(accepted).toBeGreaterThan(100);
});

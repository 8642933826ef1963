import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { GockerError } from '../../src/errors.ts';
import { parseImageConfig } from '../../src/image/config.ts';
import { parseManifestOrIndex } from '../../src/image/manifest.ts';
import { MEDIA_TYPE } from '../../src/image/media-type.ts';
import { formatReference, parseReference } from '../../src/image/reference.ts';
import { TAR_LIMITS } from '../../src/layer/tar/entry.ts';
import { TarReader } from '../../src/layer/tar/reader.ts';
import { parseChallenges } from '../../src/registry/challenge.ts';
import { readRateLimit, retryAfterOf } from '../../src/registry/rate-limit.ts';
import { checkRealm } from '../../src/registry/token.ts';
import { buildImage, buildIndex } from '../fixtures/image.ts';
import { tar } from '../fixtures/tar.ts';
import { type Chance, createChance } from './chance.ts';
import { ROUNDS, SEED } from './rounds.ts';

/** Milliseconds that no input of a few kilobytes may take. */
const SLOW = 1000;

/** Every outcome but a result or a GockerError for people is a bug; the message tells how to have it again. */
function fuzz(
  seeds: readonly Buffer[],
  dictionary: readonly string[],
  parse: (input: Buffer, chance: Chance) => void,
) {
  for (let round = 0; round < ROUNDS; round++) {
    const chance = createChance(SEED + round * 7919);
    const input = chance.damage(chance.pick(seeds), dictionary);
    const started = performance.now();
    try {
      parse(input, chance);
    } catch (error) {
      if (error instanceof GockerError) {
        expect(error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      } else {
        throw new Error(`seed ${SEED}, round ${round}: ${JSON.stringify(input.toString('latin1'))}`, {
          cause: error,
        });
      }
    }
    expect(performance.now() - started, `seed ${SEED}, round ${round}`).toBeLessThan(SLOW);
  }
}

const texts = (...all: string[]) => all.map((one) => Buffer.from(one, 'latin1'));
const WORDS = [
  '"',
  '\\',
  ',',
  '=',
  ' ',
  '\t',
  '\0',
  '\r\n',
  '\x1b',
  '\xff',
  '[',
  ']',
  '{',
  '}',
  ':',
  '/',
  '@',
  '..',
  '%',
  '-',
  '0',
  '1e999',
  '-1',
  'null',
  'true',
  '__proto__',
  'constructor',
];

test('challenges', () => {
  const seeds = texts(
    'Bearer realm="https://auth.a.io/token",service="a.io",scope="repository:a/b:pull"',
    'Basic realm="say \\"hi\\"", charset="UTF-8", Negotiate abc==',
    '",,=;"\\'.repeat(300),
  );
  const hub = { base: 'https://a.io', account: 'a.io', plain: false, mirror: false };
  fuzz(seeds, [...WORDS, 'Bearer', 'realm', 'https://', 'unix:', '127.0.0.1'], (input) => {
    const text = input.toString('latin1');
    for (const { scheme, params } of parseChallenges(text)) {
      expect(scheme).toMatch(/^[^\s"]+$/);
      const url = checkRealm(params.get('realm'), hub);
      expect(url.protocol).toBe('https:');
    }
  });
});

test('references', () => {
  const seeds = texts(
    'alpine',
    `https://[::1]:5000/a/b__c:t.1@sha256:${'a'.repeat(64)}`,
    'a.io:5000/team/app:1',
    'a-'.repeat(500),
  );
  fuzz(seeds, [...WORDS, 'sha256:', 'docker.io/', 'library/', 'http://', '::'], (input) => {
    const reference = parseReference(input.toString('latin1'));
    expect(reference.path).toMatch(/^[a-z0-9/._-]{1,255}$/);
    expect(reference.path.split('/')).not.toContain('..');
    const { scheme: _, ...rest } = reference;
    expect(parseReference(formatReference(reference))).toEqual(rest);
  });
});

test('headers', () => {
  const seeds = texts('100;w=21600', '0;w=21600', 'Wed, 21 Oct 2065 07:00:00 GMT', '120');
  fuzz(seeds, [...WORDS, ';w=', 'GMT'], (input) => {
    const text = input.toString('latin1');
    const quota = readRateLimit({
      'ratelimit-limit': text,
      'ratelimit-remaining': text,
      'docker-ratelimit-source': text,
    });
    for (const number of [quota?.limit ?? 0, quota?.window ?? 0]) expect(number).toBeGreaterThanOrEqual(0);
    const wait = retryAfterOf({ 'retry-after': text, date: text }) ?? 0;
    expect(wait).toBeGreaterThanOrEqual(0);
  });
});

const image = buildImage({
  layers: [{ entries: [{ name: 'a' }] }],
  run: { Cmd: ['sh'], Env: ['A=b'], User: '1:2', ExposedPorts: { '80/tcp': {} } },
});
const index = buildIndex([image]);

test('manifests, indexes, image configs', () => {
  fuzz(
    [image.bytes, index.bytes, image.config.bytes],
    [...WORDS, '"layers":[]', '"manifests":[]', `"${image.digest}"`, '"size":1'],
    (input, chance) => {
      const type = chance.pick([MEDIA_TYPE.ociManifest, MEDIA_TYPE.ociIndex, MEDIA_TYPE.dockerManifest, '']);
      const config = () => parseImageConfig(input);
      const manifest = () => parseManifestOrIndex(input, type);
      chance.pick<() => unknown>([config, manifest])();
    },
  );
});

/** What the reader makes of it, in pieces of the given size: a list of what it told, and the error's code. */
function readTar(bytes: Buffer, piece: number): string[] {
  const told: string[] = [];
  let length = 0;
  const reader = new TarReader(
    {
      entry: ({ type, name, size }) => void told.push(`${type} ${name} ${size}`),
      data: (part) => {
        length += part.length;
      },
      close: () => void told.push(`${length}`),
    },
    TAR_LIMITS,
  );
  try {
    for (let at = 0; at < bytes.length; at += piece) reader.write(bytes.subarray(at, at + piece));
    reader.end();
  } catch (error) {
    if (!(error instanceof GockerError)) throw error;
    told.push(`${error.code} ${error.message}`);
  }
  return told;
}

/** Headers with the sum that they have now: damage shall come further than to that check. */
function withChecksums(bytes: Buffer): Buffer {
  const summed = Buffer.from(bytes);
  for (let at = 0; at + 512 <= summed.length; at += 512) {
    const header = summed.subarray(at, at + 512);
    if (header.toString('latin1', 257, 262) !== 'ustar') continue;
    header.fill(' ', 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  }
  return summed;
}

test('archives', () => {
  const entries = [
    { name: 'd', type: 'directory' as const },
    { name: `d/${'long'.repeat(60)}`, body: 'x'.repeat(700) },
    { name: 'l', type: 'symlink' as const, link: '../../x' },
  ];
  const seeds = [tar(entries), tar(entries.slice(1)), gzipSync('no tar')];
  fuzz(
    seeds,
    [...WORDS, '99999999999', '\x80\0\0\0\xff', 'ustar\0', '30 mtime=1.5\n', 'GNU.sparse.map'],
    (damaged, chance) => {
      const input = chance.below(4) === 0 ? damaged : withChecksums(damaged);
      const whole = readTar(input, Math.max(1, input.length));
      expect(readTar(input, 1 + chance.below(700))).toEqual(whole);
    },
  );
});

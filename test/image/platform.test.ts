import { describe, expect, test } from 'vitest';
import { parseDigest } from '../../src/image/digest.ts';
import { MEDIA_TYPE } from '../../src/image/media-type.ts';
import {
  choosePlatform,
  formatPlatform,
  hostPlatform,
  normalise,
  parsePlatform,
  runsOn,
} from '../../src/image/platform.ts';
import type { Index } from '../../src/image/types.ts';

function indexOf(...platforms: (string | undefined)[]): Index {
  const manifests = platforms.map((text, at) => {
    const [os, architecture, variant] = (text ?? '').split('/');
    const descriptor = {
      mediaType: MEDIA_TYPE.ociManifest,
      digest: parseDigest(`sha256:${String(at).padStart(64, '0')}`),
      size: 1,
    };
    if (text === undefined) return descriptor;
    return { ...descriptor, platform: { os: os!, architecture: architecture!, ...(variant && { variant }) } };
  });
  return { mediaType: MEDIA_TYPE.ociIndex, manifests };
}

function choice(wanted: string, ...offers: (string | undefined)[]): string | undefined {
  const { platform } = choosePlatform(indexOf(...offers), parsePlatform(wanted));
  return platform && [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/');
}

test.each([
  ['linux/amd64', 'linux/amd64'],
  ['linux/x86_64', 'linux/amd64'],
  ['LINUX/AMD64/v1', 'linux/amd64'],
  ['linux/amd64/v3', 'linux/amd64/v3'],
  ['linux/aarch64', 'linux/arm64/v8'],
  ['linux/arm64/8', 'linux/arm64/v8'],
  ['linux/arm', 'linux/arm/v7'],
  ['linux/arm/6', 'linux/arm/v6'],
  ['linux/armel', 'linux/arm/v6'],
  ['linux/armhf', 'linux/arm/v7'],
  ['arm64', 'linux/arm64/v8'],
  ['linux/i386', 'linux/386'],
  ['linux/s390x', 'linux/s390x'],
  ['linux/constructor', 'linux/constructor'],
])('%s is %s', (text, name) => {
  expect(formatPlatform(parsePlatform(text))).toBe(name);
});

test.each(['', '/', 'linux/', 'linux//v7', 'a/b/c/d', 'linux/am d64', 'linux/../x'])('refuses %j', (text) => {
  expect(() => parsePlatform(text)).toThrowError(expect.objectContaining({ code: 'INVALID_PLATFORM' }));
});

test('this machine is linux on a known architecture', () => {
  expect(hostPlatform()).toEqual(normalise({ os: 'linux', architecture: process.arch }));
  expect(['amd64', 'arm64']).toContain(hostPlatform().architecture);
});

describe('the best match', () => {
  test.each([
    ['linux/amd64', ['linux/arm64', 'linux/amd64'], 'linux/amd64'],
    ['linux/amd64', ['linux/amd64/v3', 'linux/amd64'], 'linux/amd64'],
    ['linux/amd64/v3', ['linux/amd64', 'linux/amd64/v2', 'linux/amd64/v4'], 'linux/amd64/v2'],
    ['linux/amd64', ['windows/amd64', 'linux/386'], 'linux/386'],
    ['linux/arm/v7', ['linux/arm/v5', 'linux/arm/v6', 'linux/arm/v8'], 'linux/arm/v6'],
    ['linux/arm/v7', ['linux/arm/v5', 'linux/arm'], 'linux/arm'],
    ['linux/arm64', ['linux/arm/v7', 'linux/arm64'], 'linux/arm64'],
    ['linux/arm64', ['linux/arm/v6', 'linux/arm/v7', 'linux/amd64'], 'linux/arm/v7'],
    ['linux/arm64/v8.2', ['linux/arm64/v8', 'linux/arm64/v8.1', 'linux/arm64/v8.4'], 'linux/arm64/v8.1'],
    ['linux/arm64/v9', ['linux/arm64', 'linux/arm64/v8.5', 'linux/arm64/v8.6'], 'linux/arm64/v8.5'],
    ['linux/riscv64', ['linux/riscv64', 'linux/amd64'], 'linux/riscv64'],
    ['linux/amd64', [undefined, 'unknown/unknown', 'linux/amd64'], 'linux/amd64'],
  ])('for %s of %j', (wanted, offers, expected) => {
    expect(choice(wanted, ...offers)).toBe(expected);
  });

  test('the first of equals is taken', () => {
    const index = indexOf('linux/amd64', 'linux/amd64');
    expect(choosePlatform(index, parsePlatform('linux/amd64'))).toBe(index.manifests[0]);
  });
});

test.each([
  ['linux/arm/v5', ['linux/arm/v6']],
  ['linux/amd64', ['linux/amd64/v2']],
  ['linux/386', ['linux/amd64']],
  ['linux/amd64', ['windows/amd64']],
])('%s does not run %j', (wanted, offers) => {
  expect(() => choice(wanted, ...offers)).toThrowError(
    expect.objectContaining({ code: 'PLATFORM_NOT_FOUND' }),
  );
});

test('the error lists the platforms and the flag', () => {
  const index = indexOf('linux/s390x', 'linux/arm/v7', 'unknown/unknown');
  expect(() => choosePlatform(index, parsePlatform('linux/amd64'))).toThrowError(
    expect.objectContaining({
      message: 'the image has nothing for linux/amd64: it has linux/s390x, linux/arm/v7',
      hint: 'add --platform linux/s390x to take that one',
    }),
  );
  expect(() => choosePlatform(indexOf(), parsePlatform('linux/amd64'))).toThrow('it names none');
});

test('runsOn', () => {
  const machine = parsePlatform('linux/amd64');
  expect(runsOn({ os: 'linux', architecture: '386' }, machine)).toBe(true);
  expect(runsOn({ os: 'linux', architecture: 'arm64', variant: 'v8' }, machine)).toBe(false);
});

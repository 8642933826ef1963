import { expect, test } from 'vitest';
import { GockerError } from '../../src/errors.ts';
import type { Endpoint } from '../../src/registry/endpoint.ts';
import { createHealth } from '../../src/registry/health.ts';

const of = (base: string): Endpoint => ({ base, account: base, plain: false, mirror: true });
const [a, b, c] = [of('https://a.io'), of('https://b.io'), of('https://c.io')] as const;
const bases = (endpoints: Endpoint[]) => endpoints.map(({ base }) => base.slice(8, 9)).join('');

test('who was of no use is asked last, for a minute or until it serves', () => {
  let clock = 0;
  const health = createHealth(() => clock);
  expect(bases(health.order([a, b, c]))).toBe('abc');
  health.failed(a, new GockerError('REGISTRY_UNREACHABLE', 'x'));
  expect(bases(health.order([a, b, c]))).toBe('bca');
  clock = 59_999;
  expect(bases(health.order([a, b, c]))).toBe('bca');
  clock = 60_000;
  expect(bases(health.order([a, b, c]))).toBe('abc');
  health.failed(b, new GockerError('DENIED', 'x'));
  expect(bases(health.order([a, b, c]))).toBe('acb');
  health.served(b);
  expect(bases(health.order([a, b, c]))).toBe('abc');
});

test('not to have one thing says nothing of others', () => {
  const health = createHealth(() => 0);
  for (const code of ['BLOB_NOT_FOUND', 'IMAGE_NOT_FOUND', 'SIZE_MISMATCH', 'BAD_RANGE']) {
    health.failed(a, new GockerError(code, 'x'));
  }
  expect(bases(health.order([a, b, c]))).toBe('abc');
});

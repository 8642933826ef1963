import { expect, test } from 'vitest';
import { readRateLimit, retryAfterOf } from '../../src/registry/rate-limit.ts';

test('a quota as Docker Hub tells it', () => {
  const headers = {
    'ratelimit-limit': '100;w=21600',
    'ratelimit-remaining': '7;w=21600',
    'docker-ratelimit-source': '192.0.2.7',
  };
  expect(readRateLimit(headers)).toEqual({ limit: 100, remaining: 7, window: 21600, source: '192.0.2.7' });
});

test.each([
  [{ 'ratelimit-limit': '5' }, { limit: 5, remaining: undefined, window: undefined, source: undefined }],
  [{ 'ratelimit-remaining': '0;w=60' }, { limit: undefined, remaining: 0, window: 60, source: undefined }],
  [{ 'ratelimit-limit': 'many', 'docker-ratelimit-source': 'x' }, undefined],
  [{}, undefined],
])('parts of one: %j', (headers, found) => {
  expect(readRateLimit(headers)).toEqual(found);
});

test('what a server says of its source is made fit for a terminal', () => {
  const headers = { 'ratelimit-limit': '1', 'docker-ratelimit-source': '\u001b]0;x' };
  expect(readRateLimit(headers)?.source).toBe('\\u{1b}]0;x');
});

const now = Date.parse('Wed, 21 Oct 2065 07:00:00 GMT');
test.each([
  ['7', undefined, 7000],
  ['0', undefined, 0],
  ['Wed, 21 Oct 2065 07:00:30 GMT', undefined, 30_000],
  ['Wed, 21 Oct 2065 06:00:00 GMT', undefined, 0],
  ['Wed, 21 Oct 2065 07:00:30 GMT', 'Wed, 21 Oct 2065 07:00:10 GMT', 20_000],
  ['soon', undefined, undefined],
  [undefined, undefined, undefined],
])('Retry-After %s, said at %s, is %s ms', (after, date, expected) => {
  const headers = { ...(after !== undefined && { 'retry-after': after }), ...(date && { date }) };
  expect(retryAfterOf(headers, now)).toBe(expected);
});

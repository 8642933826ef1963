import { describe, expect, test } from 'vitest';
import { parseReference } from '../../src/image/reference.ts';
import { endpointsFor } from '../../src/registry/endpoint.ts';
import type { RegistryRule } from '../../src/registry/rules.ts';
import { bytesOf, client, failure, image, layer, patientClient, registry } from '../fixtures/client.ts';
import { digestOf } from '../fixtures/image.ts';

const rule = (prefix: string, more: Partial<RegistryRule> = {}): RegistryRule => ({
  prefix,
  location: '',
  insecure: false,
  blocked: false,
  mirrors: [],
  file: '/etc/containers/registries.conf',
  ...more,
});
const mirror = (location: string, pull: 'all' | 'digest-only' | 'tag-only' = 'all', insecure = false) => ({
  location,
  pull,
  insecure,
});
const settings = (...rules: RegistryRule[]) => ({ mirrors: {}, insecure: [], rules });
const digest = `sha256:${'a'.repeat(64)}`;

function places(name: string, rules: RegistryRule[], byDigest?: boolean): string[] {
  const reference = parseReference(name);
  const asked = byDigest === undefined ? undefined : { byDigest };
  return endpointsFor(reference, settings(...rules), asked).map(
    ({ base, repository }) => `${base}/${repository ?? reference.path}`,
  );
}

describe('a location', () => {
  test.each([
    ['example.com/foo/img', 'example.com/foo', 'inner.io/bar', 'https://inner.io/bar/img'],
    ['example.com/foo', 'example.com/foo', 'inner.io/bar', 'https://inner.io/bar'],
    ['example.com/foo/img', 'example.com', 'inner.io:5000', 'https://inner.io:5000/foo/img'],
    ['alpine', 'docker.io', 'hub.corp.io/proxy', 'https://hub.corp.io/proxy/library/alpine'],
    ['alpine', 'docker.io/library', 'hub.corp.io/base', 'https://hub.corp.io/base/alpine'],
    ['quay.io/a/b', 'quay.io', 'docker.io/mine', 'https://registry-1.docker.io/mine/a/b'],
    ['a.corp.io/x', '*.corp.io', 'inner.io', 'https://inner.io/x'],
    ['a.corp.io/x', '*.corp.io', '', 'https://a.corp.io/x'],
    ['example.com/foo:1', 'example.com/foo:1', 'inner.io/one', 'https://inner.io/one'],
    ['localhost:5000/x', 'localhost:5000', '', 'http://localhost:5000/x'],
  ])('%s by the rule %s -> %s is at %s', (name, prefix, location, expected) => {
    expect(places(name, [rule(prefix, { location })])).toEqual([expected]);
  });

  test.each([
    ['example.com/foobar', 'example.com/foo'],
    ['example.com:5000/foo', 'example.com/foo'],
    ['example.community/x', 'example.com'],
    ['corp.io/x', '*.corp.io'],
    ['xcorp.io/x', '*.corp.io'],
    ['example.com/foo:10', 'example.com/foo:1'],
  ])('%s is not meant by %s', (name, prefix) => {
    const plain = places(name, []);
    expect(places(name, [rule(prefix, { location: 'other.io' })])).toEqual(plain);
  });

  test('the longest prefix counts', () => {
    const rules = [
      rule('example.com', { location: 'a.io' }),
      rule('example.com/foo/bar', { location: 'b.io' }),
      rule('example.com/foo', { location: 'c.io' }),
    ];
    expect(places('example.com/foo/bar/x', rules)).toEqual(['https://b.io/x']);
    expect(places('example.com/foo/x', rules)).toEqual(['https://c.io/x']);
    expect(places('example.com/x', rules)).toEqual(['https://a.io/x']);
  });

  test('that leaves no name is refused where it is used', () => {
    const rules = [rule('example.com/foo', { location: 'a.io' })];
    expect(() => places('example.com/foo', rules)).toThrow(
      '/etc/containers/registries.conf: "a.io" is no place',
    );
    expect(places('example.com/foo/x', rules)).toEqual(['https://a.io/x']);
  });
});

describe('mirrors', () => {
  const rules = [
    rule('quay.io', {
      mirrors: [mirror('all.io'), mirror('d.io/q', 'digest-only'), mirror('t.io', 'tag-only')],
    }),
  ];
  const [all, d, t, origin] = ['https://all.io/a', 'https://d.io/q/a', 'https://t.io/a', 'https://quay.io/a'];

  test('for tags and digests', () => {
    expect(places('quay.io/a:1', rules)).toEqual([all, t, origin]);
    expect(places(`quay.io/a@${digest}`, rules)).toEqual([all, d, origin]);
    expect(places('quay.io/a:1', rules, true)).toEqual([all, d, t, origin]);
    expect(places(`quay.io/a@${digest}`, rules, true)).toEqual([all, d, origin]);
  });

  test('gocker’s own settings go over them, the location stays', () => {
    const own = { ...settings(rule('quay.io', { location: 'in.io', mirrors: [mirror('m.io')] })) };
    const given = { ...own, mirrors: { 'quay.io': ['https://mine.io'] } };
    const bases = endpointsFor(parseReference('quay.io/a'), given).map(({ base }) => base);
    expect(bases).toEqual(['https://mine.io', 'https://in.io']);
  });

  test('a typed scheme means that very server', () => {
    expect(places('https://quay.io/a', rules)).toEqual(['https://quay.io/a']);
  });

  test('credentials are looked up by the mirror’s own name', () => {
    const endpoints = endpointsFor(parseReference('quay.io/a'), settings(...rules), { byDigest: true });
    expect(endpoints.map(({ account, mirror: is }) => [account, is])).toEqual([
      ['all.io', true],
      ['d.io', true],
      ['t.io', true],
      ['quay.io', false],
    ]);
  });
});

test('what is blocked is refused, by name of the file; what is not is not', () => {
  const rules = [rule('evil.io', { blocked: true }), rule('evil.io/good')];
  expect(() => places('evil.io/x', rules)).toThrow('evil.io/x is blocked by /etc/containers/registries.conf');
  expect(() => places('https://evil.io/x', rules)).toThrow('is blocked by');
  expect(places('evil.io/good/x', rules)).toEqual(['https://evil.io/good/x']);
});

describe('asked for real', () => {
  const toLoopback = (host: string, more: object = {}) =>
    rule('quay.io', { location: `${host}/team`, ...more });

  test('a repository under another name, with that name’s token', async () => {
    const origin = await registry({ access: { scheme: 'bearer' } });
    const { host, url } = origin;
    const one = client({ settings: settings(toLoopback(host)) });
    const reference = parseReference('quay.io/app:1');
    expect(await one.fetchManifest(reference)).toMatchObject({ bytes: image.bytes, source: url });
    const blob = await one.fetchBlob(reference, layer);
    expect(digestOf(await bytesOf(blob.stream))).toBe(layer.digest);
    const scopes = origin.requests.map(({ path }) => new URL(path, url).searchParams.get('scope'));
    expect(scopes.filter((scope) => scope !== null)).toEqual(['repository:team/app:pull']);
  });

  test('an insecure one that speaks plain http: https is tried, once', async () => {
    const { host, url } = await registry();
    const rules = [rule('quay.io', { location: `${host}/team`, insecure: true })];
    const one = patientClient({ settings: settings(...rules) });
    const reference = parseReference('quay.io/app:1');
    const fetched = await one.fetchManifest(reference);
    expect(fetched.source).toBe(url);
    const blob = await one.fetchBlob(reference, layer);
    expect(digestOf(await bytesOf(blob.stream))).toBe(layer.digest);
    expect(blob.source).toBe(url);
    expect(one.waits).toEqual([]);
    const missing = await failure(one.fetchManifest(parseReference('quay.io/app:2')));
    expect(missing.code).toBe('IMAGE_NOT_FOUND');
  });

  test('an insecure mirror that breaks off goes on', async () => {
    const { host, url, misbehave } = await registry();
    misbehave(/blobs/, { cutAfter: 1000, times: 1 });
    const rules = [rule('quay.io', { mirrors: [mirror(`${host}/team`, 'all', true)] })];
    const blob = await patientClient({ settings: settings(...rules) }).fetchBlob(
      parseReference('quay.io/app:1'),
      layer,
    );
    expect(digestOf(await bytesOf(blob.stream))).toBe(layer.digest);
    expect(blob.sources!()).toEqual([{ source: url, bytes: layer.size }]);
  });
});

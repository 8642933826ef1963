import { expect, test } from 'vitest';
import { parseReference } from '../../src/image/reference.ts';
import { endpointsFor, mirrorEndpoint } from '../../src/registry/endpoint.ts';
import { maySendTo, reachOf } from '../../src/registry/host.ts';

const none = { mirrors: {}, insecure: [] };
const origin = (text: string, insecure: string[] = []) =>
  endpointsFor(parseReference(text), { ...none, insecure }).at(-1)!;

test.each([
  ['alpine', 'https://registry-1.docker.io', 'docker.io'],
  ['docker.io/a/b', 'https://registry-1.docker.io', 'docker.io'],
  ['quay.io/a', 'https://quay.io', 'quay.io'],
  ['Quay.IO:8443/a', 'https://quay.io:8443', 'quay.io:8443'],
  ['localhost/a', 'http://localhost', 'localhost'],
  ['localhost:5000/a', 'http://localhost:5000', 'localhost:5000'],
  ['127.1.2.3:5000/a', 'http://127.1.2.3:5000', '127.1.2.3:5000'],
  ['[::1]:5000/a', 'http://[::1]:5000', '[::1]:5000'],
  ['https://localhost:5000/a', 'https://localhost:5000', 'localhost:5000'],
  ['http://quay.io/a', 'http://quay.io', 'quay.io'],
  ['10.0.0.1:5000/a', 'https://10.0.0.1:5000', '10.0.0.1:5000'],
])('%s is at %s', (text, base, account) => {
  expect(origin(text)).toEqual({ base, account, plain: base.startsWith('http:'), mirror: false });
});

test('plain http where asked, for exactly that host and port', () => {
  expect(origin('box.lan:5000/a', ['box.lan:5000']).base).toBe('http://box.lan:5000');
  expect(origin('box.lan:5001/a', ['box.lan:5000']).base).toBe('https://box.lan:5001');
  expect(origin('alpine', ['docker.io']).base).toBe('https://registry-1.docker.io');
});

test('mirrors in order, the registry last, each registry its own', () => {
  const settings = { mirrors: { 'docker.io': ['http://127.0.0.1:5001', 'ustc'] }, insecure: [] };
  expect(endpointsFor(parseReference('alpine'), settings).map(({ base }) => base)).toEqual([
    'http://127.0.0.1:5001',
    'https://docker.mirrors.ustc.edu.cn',
    'https://registry-1.docker.io',
  ]);
  expect(endpointsFor(parseReference('quay.io/a'), settings)).toHaveLength(1);
  expect(endpointsFor(parseReference('constructor.io/a'), settings)).toHaveLength(1);
});

test.each(['ustcx', 'm.io', 'ftp://m.io', 'https://m.io/path', 'https://u:p@m.io', 'https://m.io?x', ''])(
  'refuses the mirror %j',
  (mirror) => {
    expect(() => mirrorEndpoint(mirror, 'docker.io')).toThrowError(
      expect.objectContaining({ code: 'INVALID_MIRROR' }),
    );
    expect(mirrorEndpoint('https://m.io/', 'docker.io').base).toBe('https://m.io');
  },
);

test('presets are mirrors of Docker Hub alone', () => {
  for (const preset of ['ustc', 'ustc-aliyun', '163']) {
    expect(mirrorEndpoint(preset, 'docker.io')).toMatchObject({ mirror: true, plain: false });
  }
  expect(() => mirrorEndpoint('ustc', 'quay.io')).toThrow('invalid mirror');
});

test.each([
  ['localhost', 'loopback'],
  ['a.localhost', 'loopback'],
  ['127.0.0.1', 'loopback'],
  ['[::1]', 'loopback'],
  ['[::ffff:7f00:1]', 'loopback'],
  ['0.0.0.0', 'link-local'],
  ['[::]', 'link-local'],
  ['169.254.169.254', 'link-local'],
  ['[::ffff:a9fe:a9fe]', 'link-local'],
  ['[fe80::1]', 'link-local'],
  ['10.1.2.3', 'private'],
  ['172.31.0.1', 'private'],
  ['172.32.0.1', 'public'],
  ['192.168.1.1', 'private'],
  ['[fd00::1]', 'private'],
  ['8.8.8.8', 'public'],
  ['docker.io', 'public'],
])('%s is %s', (host, reach) => {
  expect(reachOf(host)).toBe(reach);
});

test.each([
  ['https://a.io', 'https://b.io', true, true],
  ['https://a.io', 'https://10.0.0.1', true, false],
  ['https://10.0.0.2', 'https://10.0.0.1', true, false],
  ['https://10.0.0.1', 'https://10.0.0.1:9', true, true],
  ['https://a.io', 'https://169.254.169.254', false, false],
  ['https://a.io', 'https://2130706433', false, false],
  ['https://a.io', 'https://[::1]', false, false],
  ['https://10.0.0.1', 'https://127.0.0.1', false, false],
  ['http://127.0.0.1:5000', 'http://localhost:5001', true, true],
  ['http://127.0.0.1:5000', 'http://169.254.169.254', false, false],
])('%s may send to %s: lenient %s, strict %s', (from, to, lenient, strict) => {
  const [here, there] = [new URL(from), new URL(to)];
  expect(maySendTo(here, there, { strict: false })).toBe(lenient);
  expect(maySendTo(here, there, { strict: true })).toBe(strict);
});

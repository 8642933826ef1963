import { describe, expect, it } from 'vitest';
import { reachableServers, resolvConf, withFallback } from '../../src/network/resolv-conf.ts';

const HOST = '# the host\nsearch home\nnameserver 192.0.2.1\nnameserver 192.0.2.2\noptions edns0\n';

it('is the host’s as it stands when nothing is asked', () => {
  expect(resolvConf(HOST, {})).toBe(HOST);
  expect(resolvConf(HOST, { dns: [], dnsSearch: [] })).toBe(HOST);
});
it('keeps what is not asked for', () => {
  expect(resolvConf(HOST, { dns: ['9.9.9.9'] })).toBe('search home\nnameserver 9.9.9.9\noptions edns0\n');
  expect(resolvConf(HOST, { dnsOptions: ['ndots:2', 'rotate'] })).toBe(
    'search home\nnameserver 192.0.2.1\nnameserver 192.0.2.2\noptions ndots:2 rotate\n',
  );
});
it('searches nowhere when told "."', () => {
  expect(resolvConf(HOST, { dnsSearch: ['.'], dns: ['::1'] })).toBe('nameserver ::1\noptions edns0\n');
});

describe('in a network of its own', () => {
  const reachable = (text: string) => withFallback(reachableServers(text));
  it('asks only servers that it can reach', () => {
    const text =
      'search home\nnameserver 127.0.0.53\nnameserver 192.0.2.1\nnameserver fe80::1%eth0\nnameserver ::1\n';
    expect(reachable(text)).toBe('search home\nnameserver 192.0.2.1\n');
    expect(reachable(HOST)).toBe(HOST);
  });
  it('asks docker’s when none is left', () => {
    const servers = 'nameserver 8.8.8.8\nnameserver 8.8.4.4\n';
    expect(reachable('nameserver 127.0.0.53\noptions edns0\n')).toBe(`options edns0\n${servers}`);
    expect(reachable('search home')).toBe(`search home\n${servers}`);
    expect(reachable('')).toBe(servers);
  });
});

import { expect, it } from 'vitest';
import { resolvConf } from '../../src/network/resolv-conf.ts';

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

import { describe, expect, it } from 'vitest';
import { parseVolume } from '../../../src/cli/flags/volume.ts';

const MAP = { uids: [[0, 1000, 1]], gids: [[0, 0, 4294967295]] };

describe('parseVolume', () => {
  it.each([
    ['/a:/b', { type: 'bind', source: '/a', destination: '/b' }],
    ['/a:/b:ro', { type: 'bind', source: '/a', destination: '/b', readonly: true, mode: 'ro' }],
    ['/a:/b:rw', { type: 'bind', source: '/a', destination: '/b', mode: 'rw' }],
    ['/a:/b:z,ro', { type: 'bind', source: '/a', destination: '/b', readonly: true, mode: 'z,ro' }],
    ['/a:/b:Z,cached', { type: 'bind', source: '/a', destination: '/b', mode: 'Z,cached' }],
    [
      '/a:/b:rshared',
      { type: 'bind', source: '/a', destination: '/b', propagation: 'rshared', mode: 'rshared' },
    ],
    ['/a:/b:slave,ro', { type: 'bind', source: '/a', propagation: 'slave', readonly: true }],
    ['./x:/b', { type: 'bind', source: '/home/me/x', destination: '/b', text: '/home/me/x:/b' }],
    ['../x:/b/../c/', { type: 'bind', source: '/home/x', destination: '/c' }],
    ['data:/b', { type: 'volume', source: 'data', destination: '/b', text: 'data:/b' }],
    ['data:/b:ro,nocopy', { type: 'volume', source: 'data', readonly: true, nocopy: true }],
    ['/b', { type: 'volume', destination: '/b', text: '/b' }],
    ['/a:/b:idmap=uids=0-1000-1', { type: 'bind', source: '/a', idmap: MAP }],
    ['data:/b:idmap=uids=0-1000-1;gids=0-0-4294967295,ro', { type: 'volume', idmap: MAP, readonly: true }],
  ])('%s', (text, expected) => {
    expect(parseVolume(text, '/home/me')).toMatchObject(expected);
  });

  it('has no source for an anonymous volume', () => {
    expect(parseVolume('/b/', '/')).toEqual({ text: '/b/', type: 'volume', destination: '/b' });
  });

  it.each([
    ['', 'invalid empty volume spec'],
    [':/b', 'invalid spec: :/b: empty section between colons'],
    ['/a:', 'empty section between colons'],
    ['/a:/b:', 'empty section between colons'],
    ['/b:ro', "invalid volume specification: '/b:ro'"],
    ['/a:/b:ro:x', 'invalid spec: /a:/b:ro:x: too many colons'],
    ['/a:b', "'b' mount path must be absolute"],
    ['data:b', "'b' mount path must be absolute"],
    ['b', "'b' mount path must be absolute"],
    ['/a:/', "destination can't be '/'"],
    ['/a:/b/..', "destination can't be '/'"],
    ['a/b:/c', 'includes invalid characters for a local volume name'],
    ['/a:/b:rx', 'invalid mode: rx'],
    ['/a:/b:ro,rw', 'invalid mode: ro,rw'],
    ['/a:/b:rshared,rslave', 'invalid mode: rshared,rslave'],
    ['/a:/b:nocopy', 'field VolumeOptions must not be specified'],
    ['data:/b:rshared', 'field BindOptions must not be specified'],
    ['/a:/b:idmap', 'idmap needs a map'],
    ['/a:/b:idmap=uids=0-1', 'idmap needs a map'],
    ['/a:/b:U', 'gocker changes no owners'],
  ])('refuses %j', (text, why) => {
    expect(() => parseVolume(text, '/')).toThrow(why);
  });
});

import { describe, expect, it } from 'vitest';
import { parseRecord } from '../../../src/cli/flags/csv.ts';
import { parseMount } from '../../../src/cli/flags/mount.ts';

describe('parseMount', () => {
  it.each([
    ['type=bind,src=/a,dst=/b', { type: 'bind', source: '/a', destination: '/b' }],
    ['type=bind,source=./a,target=/b,readonly', { source: '/home/me/a', destination: '/b', readonly: true }],
    ['type=bind,src=/a,destination=/b/c/..,ro=false', { destination: '/b', readonly: false }],
    ['TYPE=Bind,SRC=/a,DST=/b,RO=1', { type: 'bind', source: '/a', destination: '/b', readonly: true }],
    ['type=bind,src=/a,dst=/b,bind-propagation=rshared', { propagation: 'rshared' }],
    ['type=bind,src=/a,dst=/b,bind-nonrecursive', { recursive: 'disabled' }],
    ['type=bind,src=/a,dst=/b,ro,bind-recursive=writable', { recursive: 'writable' }],
    [
      'type=bind,src=/a,dst=/b,ro,bind-propagation=rprivate,bind-recursive=readonly',
      { recursive: 'readonly' },
    ],
    [
      'type=bind,src=/a,dst=/b,idmap=uids=0-5-1;gids=0-6-1',
      { idmap: { uids: [[0, 5, 1]], gids: [[0, 6, 1]] } },
    ],
    ['type=bind,src=/a,dst=/b,consistency=cached', { source: '/a' }],
    ['"type=bind","src=/a,b",dst=/b', { type: 'bind', source: '/a,b' }],
    ['src=data,dst=/b', { type: 'volume', source: 'data' }],
    ['dst=/b', { type: 'volume', destination: '/b' }],
    ['src=data,dst=/b,volume-nocopy', { nocopy: true }],
    ['src=data,dst=/b,volume-nocopy=false,volume-subpath=a/b', { nocopy: false, subpath: 'a/b' }],
    ['src=data,dst=/b,volume-label=a=b,volume-label=c', { labels: { a: 'b', c: '' } }],
    ['src=data,dst=/b,volume-driver=local,volume-opt=type=tmpfs', { options: { type: 'tmpfs' } }],
    ['type=tmpfs,dst=/t,tmpfs-size=64m,tmpfs-mode=1770', { type: 'tmpfs', size: 67108864, fileMode: 0o1770 }],
    ['type=image,src=alpine,dst=/i,image-subpath=etc', { type: 'image', source: 'alpine', subpath: 'etc' }],
  ])('%s', (text, expected) => {
    expect(parseMount(text, '/home/me')).toMatchObject(expected);
  });

  it.each([
    ['', 'value is empty'],
    ['type=bind', 'target is required'],
    ['type=,dst=/b', 'type is required'],
    ['type=floppy,dst=/b', 'invalid mount config for type "floppy": mount type unknown'],
    ['type=bind,dst=/b', 'field Source must not be empty'],
    ['type=image,dst=/b', 'field Source must not be empty'],
    ['type=bind,src=a,dst=/b', "invalid mount path: 'a' mount path must be absolute"],
    ['type=bind,src=/a,dst=b', "invalid mount path: 'b' mount path must be absolute"],
    ['type=bind,src=/a,dst=/', "destination can't be '/'"],
    ['type=tmpfs,src=/a,dst=/b', 'field Source must not be specified'],
    ['type=bind,src=/a,dst=/b,readonly=maybe', 'invalid value for readonly: maybe'],
    ['type=bind,src=/a,dst=/b,foo=bar', "unexpected key 'foo' in 'foo=bar'"],
    ['type=bind,src=/a,dst=/b,constructor=x', "unexpected key 'constructor'"],
    ['type=bind,src=/a,dst=/b,foo', "invalid field 'foo' must be a key=value pair"],
    ['type=bind,src=/a,dst', "invalid field 'dst' must be a key=value pair"],
    ['type=bind,src=/a,dst=/b,volume-nocopy', "cannot mix 'volume-*' options with mount type 'bind'"],
    [
      'type=volume,src=v1,dst=/b,bind-propagation=rshared',
      "cannot mix 'bind-*' options with mount type 'volume'",
    ],
    ['type=bind,src=/a,dst=/b,tmpfs-size=1m', "cannot mix 'tmpfs-*' options with mount type 'bind'"],
    ['type=bind,src=/a,dst=/b,bind-propagation=loud', 'invalid value for bind-propagation: loud'],
    ['type=bind,src=/a,dst=/b,bind-recursive=no', 'invalid value for bind-recursive: no'],
    ['type=bind,src=/a,dst=/b,bind-recursive=writable', "requires 'readonly' to be specified"],
    ['type=bind,src=/a,dst=/b,ro,bind-recursive=readonly', "requires 'bind-propagation=rprivate'"],
    ['type=tmpfs,dst=/b,tmpfs-mode=9', 'invalid value for tmpfs-mode: 9'],
    ['type=tmpfs,dst=/b,tmpfs-size=huge', 'invalid size "huge"'],
    ['type=tmpfs,dst=/b,idmap=uids=0-1-1', 'idmap must not be specified'],
    ['src=v1,dst=/b,volume-driver=nfs', 'there is only local'],
    ['dst=/b,volume-subpath=a', 'must not set Subpath when using anonymous volumes'],
    ['src=v1,dst=/b,volume-subpath=../x', 'subpath must be a relative path within the volume'],
    ['src=v1,dst=/b,volume-subpath=a/../../x', 'subpath must be a relative path within the volume'],
    ['src=v1,dst=/b,volume-subpath=/x', 'subpath must be a relative path within the volume'],
    ['type=bind,src=/a,dst=/b,idmap', 'invalid value for idmap'],
    ['type=bind,src=/a"b,dst=/b', 'bare "'],
  ])('refuses %j', (text, why) => {
    expect(() => parseMount(text, '/')).toThrow(why);
  });
});

describe('parseRecord', () => {
  it.each([
    ['a,b', ['a', 'b']],
    ['', ['']],
    ['a,,', ['a', '', '']],
    ['"a,""b""",c', ['a,"b"', 'c']],
    ['""', ['']],
  ])('%j', (text, fields) => {
    expect(parseRecord(text)).toEqual(fields);
  });

  it.each(['a"b', '"a', '"a"b'])('refuses %j', (text) => {
    expect(parseRecord(text)).toBeUndefined();
  });
});

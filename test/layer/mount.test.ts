import { describe, expect, it } from 'vitest';
import { fakeSyscalls } from '../../native/fake.ts';
import { mountPrivately, shorten } from '../../src/layer/mount.ts';

const root = '/var/lib/gocker/storage/overlayfs';

describe('shorten', () => {
  it('makes paths relative to the directory that they share', () => {
    const options = [
      `lowerdir=${root}/b/fs:${root}/a/fs`,
      `upperdir=${root}/c/fs`,
      `workdir=${root}/c/work`,
      'index=off',
    ];
    expect(shorten(options)).toEqual({
      directory: root,
      options: ['lowerdir=b/fs:a/fs', 'upperdir=c/fs', 'workdir=c/work', 'index=off'],
    });
  });

  it('shares the root where nothing else is shared, and leaves options without paths alone', () => {
    expect(shorten(['lowerdir=/a/x', 'upperdir=/b/y'])).toEqual({
      directory: '/',
      options: ['lowerdir=a/x', 'upperdir=b/y'],
    });
    expect(shorten(['ro'])).toEqual({ directory: '/', options: ['ro'] });
  });

  it('fits 127 layers into one page', () => {
    const lowers = Array.from({ length: 127 }, (_, at) => `${root}/abc${100 + at}/fs`).join(':');
    expect(lowers.length).toBeGreaterThan(4095);
    expect(
      shorten([`lowerdir=${lowers}`, `upperdir=${root}/zzzzzz/fs`]).options.join(',').length,
    ).toBeLessThan(2000);
  });
});

describe('mountPrivately', () => {
  it('mounts in a namespace of its own, cut off from the host', () => {
    const { syscalls, calls } = fakeSyscalls();
    const overlay = { type: 'overlay', source: 'overlay', options: [`lowerdir=${root}/a/fs:${root}/b/fs`] };
    mountPrivately(syscalls, [overlay, { type: 'bind', source: '/x', target: 'sub', options: [] }], '/mnt');
    expect(calls.map(({ name, args }) => [name, ...args])).toEqual([
      ['unshare', 0x20000],
      ['mount', null, '/', null, 0x44000, null],
      ['chdir', root],
      ['mount', 'overlay', '/mnt', 'overlay', 0, 'lowerdir=a/fs:b/fs'],
      ['mount', '/x', '/mnt/sub', null, 0x5000, null],
    ]);
  });
});

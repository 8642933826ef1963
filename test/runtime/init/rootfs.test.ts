import { describe, expect, it } from 'vitest';
import { fakeSyscalls } from '../../../native/fake.ts';
import { mountRootfs, shortenLowers } from '../../../src/runtime/init/rootfs.ts';

describe('the options of an overlay', () => {
  it('name lower directories relative to what they share', () => {
    const options = ['lowerdir=/s/b/fs:/s/a/fs', 'upperdir=/s/c/fs', 'workdir=/s/c/work'];
    expect(shortenLowers(options)).toEqual({
      directory: '/s',
      options: ['lowerdir=b/fs:a/fs', 'upperdir=/s/c/fs', 'workdir=/s/c/work'],
    });
  });
  it('stay as they are where nothing is shared', () => {
    const options = ['lowerdir=/a:/b'];
    expect(shortenLowers(options)).toEqual({ options });
  });
});

describe('mounting the root', () => {
  const overlay = (lowers: number) => ({
    type: 'overlay',
    source: 'overlay',
    options: [
      `lowerdir=${Array.from({ length: lowers }, (_, at) => `/store/snapshots/${at}abcdef/fs`).join(':')}`,
    ],
  });

  it('mounts 127 layers in one call from the directory they share, and goes back', () => {
    const { syscalls, calls } = fakeSyscalls();
    mountRootfs(syscalls, { mounts: [overlay(127)], directory: '/root', opensDevices: false });
    const names = calls.map((call) => call.name);
    expect(names).toEqual(['openat', 'chdir', 'mount', 'fchdir', 'close', 'openat']);
    expect(calls[1]?.args).toEqual(['/store/snapshots']);
    expect(String(calls[2]?.args[4]).length).toBeLessThan(4096);
  });
  it('refuses more than the kernel takes', () => {
    expect(() =>
      mountRootfs(fakeSyscalls().syscalls, {
        mounts: [overlay(500)],
        directory: '/root',
        opensDevices: false,
      }),
    ).toThrow('more layers than one overlay');
  });
  it('refuses a kind of mount that it does not know', () => {
    const mount = { type: 'magic', source: '', options: [] };
    expect(() =>
      mountRootfs(fakeSyscalls().syscalls, { mounts: [mount], directory: '/root', opensDevices: false }),
    ).toThrow('mount type magic is not known');
  });
});

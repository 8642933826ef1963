import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseFineLimits, parseList } from '../../../src/cli/flags/fine-limits.ts';
import { parseLabels } from '../../../src/cli/flags/labels.ts';
import { parseDevice, parseTmpfs } from '../../../src/cli/flags/mounts.ts';
import { parseDomain, parseHost, parseResolverOption, parseServer } from '../../../src/cli/flags/names.ts';
import { parseNamespaces, parseSecurity, parseSysctls } from '../../../src/cli/flags/security.ts';
import { parseUlimit } from '../../../src/cli/flags/ulimit.ts';

describe('--ulimit', () => {
  it.each([
    ['nofile=1024:2048', { name: 'nofile', soft: 1024, hard: 2048 }],
    ['nofile=1024', { name: 'nofile', soft: 1024, hard: 1024 }],
    ['core=0:-1', { name: 'core', soft: 0, hard: -1 }],
    ['core=-1', { name: 'core', soft: -1, hard: -1 }],
  ])('reads %s', (text, ulimit) => expect(parseUlimit(text)).toEqual(ulimit));
  it.each([
    ['nofile=5:4', '5 > 4'],
    ['nofile=-1:4', '-1 > 4'],
    ['foo=1', 'invalid ulimit type: foo'],
    ['nofile', 'not NAME=SOFT'],
    ['nofile=a', 'whole number'],
    ['nofile=1:2:3', 'too many'],
    ['nofile=1=2', 'not NAME=SOFT'],
  ])('refuses %s', (text, why) => expect(() => parseUlimit(text)).toThrow(why));
});

describe('--tmpfs', () => {
  it.each([
    ['/tmp', { destination: '/tmp', options: [] }],
    ['/a/../tmp/:size=64m,exec', { destination: '/tmp', options: ['size=64m', 'exec'] }],
  ])('reads %s', (text, mount) => expect(parseTmpfs(text)).toEqual(mount));
  it.each([
    ['tmp', 'not absolute'],
    ['/tmp:bogus', 'invalid tmpfs option "bogus"'],
    ['/tmp:size', 'invalid tmpfs option "size"'],
    ['/tmp:upperdir=/etc', 'invalid tmpfs option'],
  ])('refuses %s', (text, why) => expect(() => parseTmpfs(text)).toThrow(why));
});

describe('--device', () => {
  it.each([
    ['/dev/fuse', { source: '/dev/fuse', destination: '/dev/fuse', permissions: 'rwm' }],
    ['/dev/fuse:r', { source: '/dev/fuse', destination: '/dev/fuse', permissions: 'r' }],
    ['/dev/a:/dev/b', { source: '/dev/a', destination: '/dev/b', permissions: 'rwm' }],
    ['/dev/a:/dev/b:rw', { source: '/dev/a', destination: '/dev/b', permissions: 'rw' }],
  ])('reads %s', (text, device) => expect(parseDevice(text)).toEqual(device));
  it.each([
    ['/dev/a:/dev/b:rr', 'invalid device mode: rr'],
    ['/dev/a:/dev/b:x', 'invalid device mode: x'],
    ['fuse', 'source is not absolute'],
    ['/dev/a:b', 'destination is not absolute'],
    ['/a:/b:r:w', 'too many parts'],
  ])('refuses %s', (text, why) => expect(() => parseDevice(text)).toThrow(why));
});

describe('names', () => {
  it.each([
    ['db:10.0.0.1', 'db:10.0.0.1'],
    ['db=10.0.0.1', 'db:10.0.0.1'],
    ['db:::1', 'db:::1'],
    ['db:[fe80::1]', 'db:fe80::1'],
  ])('--add-host reads %s', (text, host) => expect(parseHost(text)).toBe(host));
  it.each([
    ['db', 'no host name'],
    ['db:nowhere', 'invalid IP address'],
    ['a\nb:1.2.3.4', 'no host name'],
    ['db:1.2.3.4\n5.6.7.8 x', 'no host name'],
  ])('--add-host refuses %j', (text, why) => expect(() => parseHost(text)).toThrow(why));
  it('--dns and its kin take one word each', () => {
    expect([
      parseServer('::1'),
      parseDomain('.'),
      parseDomain('a.b'),
      parseResolverOption('ndots:2'),
    ]).toEqual(['::1', '.', 'a.b', 'ndots:2']);
    for (const parse of [parseServer, parseDomain, parseResolverOption])
      expect(() => parse('a\nnameserver 1.2.3.4')).toThrow('invalid argument');
  });
});

describe('--sysctl', () => {
  it('takes what belongs to the container', () => {
    const sysctls = ['net.ipv4.ip_forward=1', 'kernel.shmmax=5', 'fs.mqueue.msg_max=9', 'kernel.sem=1 2 3 4'];
    expect(Object.keys(parseSysctls(sysctls))).toHaveLength(4);
    expect(parseSysctls(['net.a=x=y'])).toEqual({ 'net.a': 'x=y' });
  });
  it.each(['kernel.core_pattern=x', 'vm.swappiness=1', 'net', 'fs.file-max=1', '=1'])('refuses %s', (text) =>
    expect(() => parseSysctls([text])).toThrow('invalid argument'),
  );
  it('leads nowhere but below its own, whatever dots it has', () => {
    const paths = Object.keys(parseSysctls(['net..kernel.x=1', 'net.a/../../kernel=1']));
    expect(paths.map((name) => name.replaceAll('.', '/'))).toEqual(['net//kernel/x', 'net/a///////kernel']);
  });
});

describe('--security-opt', () => {
  it('reads no-new-privileges in docker’s forms, and what asks for nothing', () => {
    expect(parseSecurity(['no-new-privileges']).noNewPrivileges).toBe(true);
    expect(parseSecurity(['no-new-privileges:true']).noNewPrivileges).toBe(true);
    expect(parseSecurity(['no-new-privileges=false']).noNewPrivileges).toBe(false);
    expect(parseSecurity(['seccomp=unconfined', 'apparmor=unconfined', 'label=disable'])).toMatchObject({
      securityOptions: ['seccomp=unconfined', 'apparmor=unconfined', 'label=disable'],
    });
  });
  it.each([
    ['seccomp=/profile.json', 'no seccomp profiles'],
    ['apparmor=mine', 'no AppArmor'],
    ['label=type:x', 'no SELinux'],
    ['foo=bar', 'no such option'],
    ['no-new-privileges=maybe', 'neither true nor false'],
  ])('refuses %s', (text, why) => expect(() => parseSecurity([text])).toThrow(why));
});

describe('--pid, --ipc, --uts, --userns', () => {
  it('know the host', () => {
    expect(parseNamespaces({ pid: 'host', ipc: 'host', uts: 'host', userns: 'host' })).toEqual({
      pid: 'host',
      ipc: 'host',
      uts: 'host',
    });
    expect(parseNamespaces({ ipc: 'private' })).toEqual({});
    expect(parseNamespaces({ ipc: 'none' })).toEqual({ ipc: 'none' });
  });
  it.each(['pid', 'ipc', 'uts', 'userns'] as const)('refuse others for --%s', (name) =>
    expect(() => parseNamespaces({ [name]: 'container:x' })).toThrow(`--${name}`),
  );
});

describe('the finer limits', () => {
  const none = { memory: 64 * 2 ** 20 };
  it('are read', () => {
    const flags = {
      'cpu-shares': '512',
      'cpu-period': '50000',
      'cpu-quota': '25000',
      'cpuset-cpus': '0',
      'memory-reservation': '32m',
      'memory-swappiness': '0',
      'oom-kill-disable': true,
      'blkio-weight': '300',
      'device-read-bps': ['/dev/sda:1m'],
      'device-write-iops': ['/dev/sda:100'],
      'blkio-weight-device': ['/dev/sda:10'],
    };
    expect(parseFineLimits(flags, none)).toEqual({
      cpuShares: 512,
      cpuPeriod: 50000,
      cpuQuota: 25000,
      cpusetCpus: '0',
      memoryReservation: 32 * 2 ** 20,
      memorySwappiness: 0,
      oomKillDisable: true,
      blkioWeight: 300,
      deviceReadBps: [{ path: '/dev/sda', rate: 2 ** 20 }],
      deviceWriteIops: [{ path: '/dev/sda', rate: 100 }],
      blkioWeightDevice: [{ path: '/dev/sda', rate: 10 }],
    });
    expect(
      parseFineLimits({ 'cpu-shares': '0', 'blkio-weight': '0', 'memory-swappiness': '-1' }, {}),
    ).toEqual({});
  });
  it.each([
    [{ 'cpu-shares': '-1' }, '--cpu-shares'],
    [{ 'cpu-period': '999' }, '1000'],
    [{ 'cpu-quota': '999' }, '1 ms'],
    [{ 'cpuset-cpus': 'a' }, '--cpuset-cpus'],
    [{ 'cpuset-cpus': '4000' }, 'not available'],
    [{ 'memory-reservation': '5m' }, '6m'],
    [{ 'memory-reservation': '65m' }, 'less than the reservation'],
    [{ 'memory-swappiness': '101' }, '0 to 100'],
    [{ 'blkio-weight': '9' }, '10 to 1000'],
    [{ 'device-read-bps': ['/dev/sda'] }, 'DEVICE:RATE'],
    [{ 'device-read-bps': ['/dev/sda:x'] }, 'invalid size'],
  ])('refuse %j', (flags, why) => expect(() => parseFineLimits(flags, none)).toThrow(why));
  it('exclude --cpus where they mean the same', () => {
    expect(() => parseFineLimits({ 'cpu-quota': '5000' }, { cpus: 1 })).toThrow('--cpus and --cpu-quota');
    expect(parseFineLimits({ 'cpu-shares': '5000' }, { cpus: 1 })).toEqual({ cpuShares: 5000 });
  });
  it('know lists of numbers', () => {
    expect(parseList('0-2,4')).toEqual([0, 1, 2, 4]);
    for (const text of ['', '2-1', 'a', '1-', '0-99999999999']) expect(parseList(text)).toBeUndefined();
  });
});

describe('labels', () => {
  it('come from files first', () => {
    const directory = mkdtempSync(join(tmpdir(), 'gocker-labels-'));
    const file = join(directory, 'labels');
    writeFileSync(file, '# none\na=file\n\n  b=file=x\nc\n');
    expect(parseLabels(['a=flag', 'd'], [file])).toEqual({ a: 'flag', b: 'file=x', c: '', d: '' });
    expect(() => parseLabels([], [join(directory, 'nosuch')])).toThrow('--label-file');
    rmSync(directory, { recursive: true });
  });
  it('have keys', () => expect(() => parseLabels(['=x'])).toThrow('no key'));
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { beforeAll, expect, test } from 'vitest';
import { DEFAULT_CAPABILITIES } from '../../src/runtime/capabilities.ts';
import { GOCKER, image, integration, useGocker } from './helpers.ts';

/** Nothing of the host and of gocker's own process leaks into a container (security.md of runc's and moby's history). */
integration('what a container sees', () => {
  const gocker = useGocker();
  const BUSYBOX = image('busybox:1');
  beforeAll(() => gocker(['pull', BUSYBOX]));
  const inside = async (line: string, ...flags: string[]) => {
    const { stdout, stderr, code } = await gocker(['run', '--rm', ...flags, BUSYBOX, 'sh', '-c', line]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout.trimEnd();
  };
  const lines = async (line: string, ...flags: string[]) => (await inside(line, ...flags)).split('\n');

  test.each(['mnt', 'pid', 'uts', 'ipc', 'net', 'cgroup'])('has a %s namespace of its own', async (kind) => {
    expect(await inside(`readlink /proc/self/ns/${kind}`)).not.toBe(readlinkSync(`/proc/self/ns/${kind}`));
  });

  test('has no process of gocker: PID 1 is the program', async () => {
    expect(await lines('cat /proc/1/comm; ls -d /proc/[0-9]*')).toEqual(['sh', '/proc/1']);
    expect(readFileSync('/proc/self/comm', 'utf8')).not.toBe('sh');
  });

  test('has no mount of the host', async () => {
    const mounts = await lines("cut -d' ' -f5,8 /proc/self/mountinfo");
    expect(mounts.map((line) => line.split(' ')[0])).not.toContain(gocker.root);
    const types = mounts.map((line) => line.split(' ')[1]);
    const known = ['overlay', 'proc', 'sysfs', 'tmpfs', 'devpts', 'mqueue', 'cgroup', 'cgroup2', '-'];
    const onDisk = mounts.filter((_, at) => !known.includes(types[at] ?? ''));
    expect(onDisk.every((line) => line.startsWith('/etc/'))).toBe(true);
  });

  test('has stdin, stdout and stderr and no other file open, whatever the caller left open', async () => {
    const open = 'exec 3</etc 9</root 77</ 200</proc; exec "$@"';
    const args = ['-c', open, 'sh', process.execPath, GOCKER, 'run', '--rm', BUSYBOX, 'ls', '/proc/self/fd'];
    const child = spawn('bash', args, { env: gocker.env, stdio: ['ignore', 'pipe', 'inherit'] });
    // The fourth is the directory that ls itself reads.
    expect(await text(child.stdout)).toBe('0\n1\n2\n3\n');
  });

  test('can open its own stdout by name, as root and as anybody', async () => {
    expect(await inside('echo hello > /dev/stdout')).toBe('hello');
    expect(await inside('echo hello > /dev/stdout', '-u', '1000')).toBe('hello');
  });

  test('has no variable of the caller', async () => {
    const env = { SECRET: 'x', NODE_OPTIONS: '--no-warnings', LD_LIBRARY_PATH: '/nowhere', HTTP_PROXY: 'p' };
    const { stdout } = await gocker(['run', '--rm', '-h', 'box', BUSYBOX, 'env'], { env });
    expect(stdout.trimEnd().split('\n').sort()).toEqual([
      'HOME=/root',
      'HOSTNAME=box',
      expect.stringMatching(/^PATH=/),
    ]);
  });

  test('never runs what the environment of an image asks Node to load', async () => {
    const flags = [
      'NODE_OPTIONS=--require=/evil.js',
      'LD_PRELOAD=/evil.so',
      'OPENSSL_CONF=/evil.cnf',
    ].flatMap((variable) => ['-e', variable]);
    const { stdout, code } = await gocker([
      'run',
      '--rm',
      ...flags,
      BUSYBOX,
      'sh',
      '-c',
      'echo $NODE_OPTIONS',
    ]);
    expect({ stdout, code }).toEqual({ stdout: '--require=/evil.js\n', code: 0 });
  });

  test('has default signals, umask and no ignored ones', async () => {
    const line = `trap '' HUP USR1 PIPE; umask 000; exec "$@"`;
    const status = ['grep', '-E', '^(Umask|SigIgn|SigBlk)', '/proc/self/status'];
    const args = ['-c', line, 'sh', process.execPath, GOCKER, 'run', '--rm', BUSYBOX, ...status];
    const child = spawn('bash', args, { env: gocker.env, stdio: ['ignore', 'pipe', 'inherit'] });
    expect(await text(child.stdout)).toBe(
      'Umask:\t0022\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n',
    );
  });

  test("has docker's fourteen capabilities as root, none but the bounding set as anybody else", async () => {
    expect(DEFAULT_CAPABILITIES).toHaveLength(14);
    const read = 'grep ^Cap /proc/self/status | cut -f2';
    const [none, all] = ['0000000000000000', '00000000a80425fb'];
    expect(await lines(read)).toEqual([none, all, all, all, none]);
    expect(await lines(read, '-u', '1000')).toEqual([none, none, none, all, none]);
  });

  test('has its user, groups and home from its own files', async () => {
    expect(await lines('id -u; id -g; id -G; echo $HOME')).toEqual([
      '0',
      '0',
      expect.stringMatching(/^0\b/),
      '/root',
    ]);
    expect(await lines('id -u; id -g; id -G', '-u', '1000:5')).toEqual(['1000', '5', '5']);
  });

  test('has the devices that programs need, and makes no others', async () => {
    const table = await lines("cd /dev; stat -c '%n %t:%T %a' null zero full random urandom tty");
    expect(table).toEqual([
      'null 1:3 666',
      'zero 1:5 666',
      'full 1:7 666',
      'random 1:8 666',
      'urandom 1:9 666',
      'tty 5:0 666',
    ]);
    expect(await inside('echo x > /dev/null && head -c 4 /dev/zero | wc -c')).toBe('4');
    const disk =
      'mknod /dev/disk b 254 0 && ! cat /dev/disk 2>/dev/null && mknod /disk b 254 0 && ! cat /disk 2>/dev/null';
    expect(await inside(`${disk} && echo closed`)).toBe('closed');
  });

  test('finds masked and read-only what would tell of the host or reach it', async () => {
    for (const path of ['/proc/kcore', '/proc/keys', '/proc/timer_list']) {
      expect(await inside(`[ ! -e ${path} ] || stat -c %t:%T ${path}`)).toMatch(/^(1:3)?$/);
    }
    expect(await inside('ls /proc/acpi /sys/firmware 2>/dev/null | grep -v : | wc -w')).toBe('0');
    const writes = [
      '/proc/sys/kernel/core_pattern',
      '/proc/sysrq-trigger',
      '/sys/kernel/uevent_helper',
      '/proc/irq/default_smp_affinity',
    ];
    const before = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
    for (const path of writes)
      expect(await inside(`(echo x > ${path}) 2>/dev/null || echo refused`)).toBe('refused');
    expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).toBe(before);
    expect(
      await inside('umount /proc/sys 2>/dev/null || umount /proc/keys 2>/dev/null || echo refused'),
    ).toBe('refused');
  });

  test('has its cgroups read-only, and itself at their root', async () => {
    expect(await inside('cut -d: -f3 /proc/self/cgroup | sort -u')).toBe('/');
    expect(
      await inside(
        'find /sys/fs/cgroup -type f -writable 2>/dev/null | while read f; do (echo 1 > $f) 2>/dev/null && echo $f; done; true',
      ),
    ).toBe('');
  });

  test('has a working directory that is made when missing, and refuses one that would be the host’s', async () => {
    expect(await inside('pwd', '-w', '/not/there/yet')).toBe('/not/there/yet');
    for (const fd of [3, 5, 7, 9, 20]) {
      const { code, stderr } = await gocker(['run', '--rm', '-w', `/proc/self/fd/${fd}`, BUSYBOX, 'pwd']);
      expect(code).toBe(126);
      expect(stderr).toContain(`cannot work in "/proc/self/fd/${fd}"`);
    }
    for (const fd of [3, 4, 5, 9, 17]) {
      const { code } = await gocker(['run', '--rm', BUSYBOX, `/proc/self/fd/${fd}/usr/bin/id`]);
      expect([126, 127]).toContain(code);
    }
  });

  test('has a loopback of its own with --network none, the host’s with --network host', async () => {
    const look = 'ls /sys/class/net; cat /sys/class/net/lo/flags';
    expect(await lines(look, '--network', 'none')).toEqual(['lo', '0x9']);
    expect(await lines(look)).toEqual(['eth0', 'lo', '0x9']);
    expect(await inside('readlink /proc/self/ns/net', '--network', 'host')).toBe(
      readlinkSync('/proc/self/ns/net'),
    );
  });

  test('ends with gocker: kill -9 of the one ends the other', async () => {
    const running = gocker.start([
      'run',
      '--rm',
      '--name',
      'orphan',
      BUSYBOX,
      'sh',
      '-c',
      'echo up; sleep 1000',
    ]);
    await running.waitFor('up');
    running.child.kill('SIGKILL');
    await once(running.child, 'close');
    expect((await gocker(['ps', '-q'])).stdout).toBe('');
    expect((await gocker(['ps', '-aq'])).stdout).toBe('');
    expect((await gocker(['run', '--rm', '--name', 'orphan', BUSYBOX, 'echo', 'again'])).stdout).toBe(
      'again\n',
    );
  });
});

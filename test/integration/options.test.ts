import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { image, integration, useGocker } from './helpers.ts';

/** The options of `run`, as the program in the container feels them. */
integration('options of run', () => {
  const gocker = useGocker();
  const BUSYBOX = image('busybox:1');
  beforeAll(() => gocker(['pull', '-q', BUSYBOX]));
  const run = (...args: string[]) => gocker(['run', '--rm', ...args]);
  const sh = (line: string) => [BUSYBOX, 'sh', '-c', line];
  const words = async (...args: string[]) => (await run(...args)).stdout.trim().split(/\s+/);

  test('a tmpfs has its options, and the permissions of what it covers', async () => {
    const read =
      'mkdir -p /x; mount | grep tmpfs; stat -c "%n %a" /tmp /new /own; touch /tmp/a && echo wrote';
    const { stdout } = await run(
      '--tmpfs',
      '/tmp:size=1m',
      '--tmpfs',
      '/new',
      '--tmpfs',
      '/own:mode=700,exec',
      ...sh(read),
    );
    expect(stdout).toMatch(/ \/tmp type tmpfs \(rw,nosuid,nodev,noexec,relatime,size=1024k\)/);
    expect(stdout).toMatch(/ \/own type tmpfs \(rw,nosuid,nodev,relatime,mode=700\)/);
    expect(stdout).toMatch(/\/tmp 1777\n\/new 1777\n\/own 700\nwrote\n$/);
  });

  test('--shm-size is the size of /dev/shm', async () => {
    expect((await run('--shm-size=8m', ...sh('df -k /dev/shm | tail -1'))).stdout).toMatch(/^shm +8192 /);
    expect((await run(...sh('df -k /dev/shm | tail -1'))).stdout).toMatch(/^shm +65536 /);
  });

  test('--read-only leaves nothing but mounts to write to', async () => {
    const probe = sh('touch /x; echo $?; touch /etc/hosts; echo $?; touch /tmp/x; echo $?');
    expect(await words('--read-only', '--tmpfs', '/tmp', ...probe)).toEqual(['1', '1', '0']);
    expect(await words(...probe)).toEqual(['0', '0', '0']);
  });

  test('capabilities are added and dropped', async () => {
    const effective = sh('grep CapEff /proc/self/status');
    const mask = async (...flags: string[]) => BigInt(`0x${(await words(...flags, ...effective))[1]}`);
    expect(await mask()).toBe(0xa80425fbn);
    expect(await mask('--cap-drop=ALL')).toBe(0n);
    expect(await mask('--cap-drop=ALL', '--cap-add=net_admin')).toBe(1n << 12n);
    expect(await mask('--cap-add=NET_ADMIN')).toBe(0xa80425fbn | (1n << 12n));
    expect(await mask('--cap-drop=CAP_CHOWN')).toBe(0xa80425fan);
    const all = await mask('--cap-add=ALL');
    expect(all & (1n << 21n)).not.toBe(0n);
    expect(await mask('--privileged')).toBe(all);
    expect(await run('--cap-add=FOO', BUSYBOX, 'true')).toMatchObject({ code: 125 });
  });

  test('--privileged masks nothing and gives the devices', async () => {
    const probe = sh(
      'ls /dev | wc -l; mount | grep -c "type sysfs (rw"; echo 4096 > /proc/sys/kernel/shmmni; echo $?',
    );
    const [some, , sysctl] = await words(...probe);
    const [more, writable, open] = await words('--privileged', ...probe);
    expect([Number(more) > Number(some), writable, open, sysctl]).toEqual([true, '1', '0', '1']);
  });

  test('no-new-privileges holds for run and exec', async () => {
    const line = 'grep NoNewPrivs /proc/self/status';
    expect(await words(...sh(line))).toEqual(['NoNewPrivs:', '0']);
    const started = [
      'run',
      '--name',
      'nnp',
      '--security-opt',
      'no-new-privileges',
      ...sh(`${line}; exec sleep 600`),
    ];
    const running = gocker.start(started);
    await running.waitFor('NoNewPrivs:\t1');
    expect((await gocker(['exec', 'nnp', 'sh', '-c', line])).stdout).toBe('NoNewPrivs:\t1\n');
    await gocker(['rm', '-f', 'nnp']);
    await running.ended;
  });

  test('--ulimit holds, down to what Node could not live with', async () => {
    const read = sh('ulimit -Sn; ulimit -Hn; ulimit -c');
    expect(await words('--ulimit', 'nofile=100:200', '--ulimit', 'core=-1', ...read)).toEqual([
      '100',
      '200',
      'unlimited',
    ]);
    const tight = ['nofile=5', 'data=1000000', 'fsize=0', 'nproc=1', 'stack=65536'].flatMap((one) => [
      '--ulimit',
      one,
    ]);
    for (let round = 0; round < 5; round++)
      expect(await run(...tight, BUSYBOX, 'true')).toMatchObject({ code: 0, stderr: '' });
  });

  test('what needs CAP_SYS_RESOURCE is given, or said not to be', async () => {
    const { code, stdout, stderr } = await run('--ulimit', 'nofile=999999', ...sh('ulimit -Hn'));
    expect(code).toBe(0);
    if (stdout.trim() !== '999999') expect(stderr).toMatch(/WARNING: --ulimit nofile: .* stays at \d+/);
    expect((await run('--oom-score-adj=500', BUSYBOX, 'cat', '/proc/self/oom_score_adj')).stdout).toBe(
      '500\n',
    );
  });

  test('a device of the host, elsewhere and with less rights', async () => {
    const probe = sh('head -c 3 /dev/z | wc -c; echo x > /dev/z; echo $?');
    expect(await words('--device', '/dev/zero:/dev/z', ...probe)).toEqual(['3', '0']);
    expect((await run('--device=/dev/nosuch', BUSYBOX, 'true')).stderr).toContain('/dev/nosuch');
  });

  test('groups, names and sysctls', async () => {
    expect((await run('--group-add', '7', BUSYBOX, 'id', '-G')).stdout).toBe('0 7\n');
    const flags = [
      '--add-host',
      'db:10.9.8.7',
      '--dns',
      '9.9.9.9',
      '--dns-search',
      'a.b',
      '--dns-option',
      'ndots:2',
    ];
    const { stdout } = await run(...flags, ...sh('grep db /etc/hosts; cat /etc/resolv.conf'));
    expect(stdout).toBe('10.9.8.7\tdb\nsearch a.b\nnameserver 9.9.9.9\noptions ndots:2\n');
    const sysctls = ['--sysctl', 'net.ipv4.ip_forward=1', '--sysctl', 'kernel.shmmax=12345'];
    const read = sh('cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmax');
    expect(await words(...sysctls, ...read)).toEqual(['1', '12345']);
    expect((await run('--sysctl', 'net.nosuch=1', BUSYBOX, 'true')).code).toBe(125);
    expect((await run('--sysctl', 'kernel.core_pattern=x', BUSYBOX, 'true')).code).toBe(125);
  });

  test('namespaces of the host', async () => {
    const name = await run('--uts=host', BUSYBOX, 'hostname');
    expect(name.stdout).toBe(`${hostname()}\n`);
    const links = sh('ls -l /proc/self/ns/ipc /proc/self/ns/pid | sed "s/.*-> //"');
    const [ipc, pid] = await words('--ipc=host', '--pid=host', ...links);
    const [ownIpc, ownPid] = await words(...links);
    expect([ipc === ownIpc, pid === ownPid]).toEqual([false, false]);
    expect((await run('--pid=container:x', BUSYBOX, 'true')).code).toBe(125);
  });

  test('a container among the processes of the host takes its own with it', async () => {
    const line = 'sleep 777 & sleep 778 & echo up; exec sleep 600';
    const running = gocker.start(['run', '--name', 'seen', '--pid=host', ...sh(line)]);
    await running.waitFor('up');
    expect(
      (await gocker(['exec', 'seen', 'sh', '-c', 'ps | grep -c "sleep 77[78]"'])).stdout.trim(),
    ).not.toBe('0');
    expect((await gocker(['rm', '-f', 'seen'])).code).toBe(0);
    expect((await running.ended).code).toBe(137);
  });

  test('labels', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'gocker-labels-'));
    writeFileSync(join(directory, 'labels'), 'from=file\nboth=file\n');
    const flags = ['--label', 'both=flag', '-l', 'platform=mine', '--label-file', join(directory, 'labels')];
    await gocker(['run', '--name', 'labelled', ...flags, BUSYBOX, 'true']);
    rmSync(directory, { recursive: true });
    const [{ Config }] = JSON.parse((await gocker(['container', 'inspect', 'labelled'])).stdout);
    expect(Config.Labels).toEqual({ from: 'file', both: 'flag', platform: 'mine' });
    await gocker(['rm', 'labelled']);
  });
});

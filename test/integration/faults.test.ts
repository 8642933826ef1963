/** What goes wrong around a container while it lives. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lives, useContainers } from './containers.ts';
import { GOCKER, integration } from './helpers.ts';

integration('around a container', () => {
  const { gocker, busybox, detached, status, processes, stateOf } = useContainers();
  const openFiles = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;

  test.each(['pivot_root', 'setgroups'])(
    'an init that is killed at its %s is an error, and the name is free',
    async (call) => {
      const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL`];
      const args = [process.execPath, GOCKER, 'run', '--name', 'unborn', busybox, 'true'];
      const { status: code, stderr } = spawnSync(
        'strace',
        ['-f', '-qq', '-o', '/dev/null', ...inject, ...args],
        {
          env: gocker.env,
          encoding: 'utf8',
        },
      );
      expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(/^gocker: .*init/) });
      expect(await status('unborn')).toBe('Created');
      expect((await gocker(['start', '-a', 'unborn'])).code).toBe(0);
      expect((await gocker(['rm', 'unborn'])).code).toBe(0);
    },
  );

  test('exec that fails, is killed or ends leaves nothing with the monitor', async () => {
    const { stdout: id } = await detached('main', busybox, 'sleep', '600');
    const { monitor } = processes(id);
    const before = openFiles(monitor);
    for (let times = 0; times < 5; times++) {
      const all = ['nosuch', '/etc/passwd', 'true'].map((program) => gocker(['exec', 'main', program]));
      expect((await Promise.all(all)).map(({ code }) => code)).toEqual([127, 126, 0]);
    }
    const killed = gocker.start(['exec', 'main', 'sh', '-c', 'echo up; exec sleep 500']);
    await killed.waitFor('up');
    killed.child.kill('SIGKILL');
    await killed.ended;
    await expect.poll(async () => (await gocker(['exec', 'main', 'ps'])).stdout).not.toContain('sleep 500');
    expect(openFiles(monitor)).toBe(before);
  });

  test('zombies: --init reaps them, nothing of gocker becomes one', async () => {
    const orphans = 'i=0; while [ $i -lt 300 ]; do (sleep 0 &); i=$((i+1)); done; echo made; exec sleep 600';
    const { stdout: id } = await detached('reaps', '--init', busybox, 'sh', '-c', orphans);
    await expect
      .poll(async () => (await gocker(['logs', 'reaps'])).stdout, { timeout: 20_000 })
      .toBe('made\n');
    const states = async () => (await gocker(['exec', 'reaps', 'sh', '-c', 'cat /proc/[0-9]*/stat'])).stdout;
    await expect.poll(states).not.toMatch(/\) Z /);
    const { monitor } = processes(id);
    const children = readFileSync(`/proc/${monitor}/task/${monitor}/children`, 'utf8').trim().split(' ');
    expect(children.filter((pid) => !lives(Number(pid)))).toEqual([]);
  });

  test('a child that is out of memory ends alone, and the monitor goes on', async () => {
    const eater = 'sh -c "x=xxxxxxxxxxxxxxxx; while :; do x=\\$x\\$x; done"; echo child-$?; sleep 1; exit 3';
    const { stdout: id } = await detached('parent', '--mem=16m', busybox, 'sh', '-c', eater);
    const { monitor } = processes(id);
    expect((await gocker(['wait', 'parent'])).stdout).toBe('3\n');
    expect((await gocker(['logs', 'parent'])).stdout).toBe('child-137\n');
    expect(await status('parent')).toMatch(/^Exited \(3\) /);
    await expect.poll(() => lives(monitor)).toBe(false);
  });

  test('one of twenty gets the name', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, () => detached('same', busybox, 'sleep', '600')),
    );
    expect(all.map(({ code }) => code).sort()).toEqual([0, ...Array(19).fill(125)]);
    const losers = all.filter(({ code }) => code !== 0);
    for (const { stderr } of losers) expect(stderr).toContain('"same" is already in use');
    expect((await gocker(['ps', '-aq'])).stdout.trim().split('\n')).toHaveLength(1);
  });

  test('rm -f, stop, kill, rename and rm of one container at once end with an order', async () => {
    for (let times = 0; times < 3; times++) {
      await detached('storm', busybox, 'sleep', '600');
      const verbs = [
        ['rm', '-f'],
        ['stop', '-t', '0'],
        ['kill'],
        ['rm', '-f'],
        ['restart', '-t', '0'],
        ['rm'],
      ];
      const all = await Promise.all(verbs.map((verb) => gocker([...verb, 'storm'])));
      for (const { stderr } of all) expect(stderr).not.toContain('this is a bug');
      await gocker(['rm', '-f', 'storm']);
      expect(readdirSync(join(gocker.root, 'containers'))).toEqual([]);
    }
  });

  test('neither program nor monitor holds a lock', async () => {
    const { stdout: id } = await detached('free', busybox, 'sleep', '600');
    for (const pid of Object.values(processes(id))) {
      const files = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
      expect(files.filter((file) => file.endsWith('lock'))).toEqual([]);
    }
  });

  test('a disk that is full costs lines of the log, not the program', async () => {
    const disk = join(gocker.env.HOME!, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', disk]);
    try {
      const env = { GOCKER_ROOT: disk };
      expect((await gocker(['pull', '-q', busybox], { env })).code).toBe(0);
      const script = 'yes 0123456789012345678901234567890123456789 | head -n 200000; exit 4';
      const flags = ['-d', '--name', 'flood', '--log-opt', 'max-size=1g'];
      expect(
        (await gocker(['run', '--network', 'none', ...flags, busybox, 'sh', '-c', script], { env })).code,
      ).toBe(0);
      expect((await gocker(['wait', 'flood'], { env })).stdout).toBe('4\n');
      expect((await gocker(['logs', '--tail', '1', 'flood'], { env })).stdout).toMatch(/^(0123456789){4}\n$/);
      expect((await gocker(['rm', 'flood'], { env })).code).toBe(0);
      expect((await gocker(['run', '--network', 'none', '--rm', busybox, 'true'], { env })).code).toBe(0);
    } finally {
      execFileSync('umount', ['-l', disk]);
      rmdirSync(disk);
    }
  });

  test.each([
    ['closed stdout and stderr', '>&- 2>&-'],
    ['closed stdin', '<&-'],
    ['no room for output', '>/dev/full'],
  ])('%s: the program runs, and its container ends', async (_, redirection) => {
    const run = `'${process.execPath}' '${GOCKER}' run --name deaf ${busybox} sh -c 'echo out; exit 0'`;
    spawnSync('sh', ['-c', `${run} ${redirection}`], { env: gocker.env, timeout: 30_000 });
    expect(await stateOf('deaf')).toMatchObject({ Status: 'exited', Running: false });
    const detach = `'${process.execPath}' '${GOCKER}' run -d --name two ${busybox} sh -c 'echo out; exit 6'`;
    spawnSync('sh', ['-c', `${detach} ${redirection}`], { env: gocker.env, timeout: 30_000 });
    expect((await gocker(['wait', 'two'])).stdout).toBe('6\n');
    expect((await gocker(['logs', 'two'])).stdout).toBe('out\n');
  });

  test('an output without room does not end a program, whose own end is on record', async () => {
    const script = 'trap "" PIPE; echo out; sleep 1; exit 6';
    const run = `'${process.execPath}' '${GOCKER}' run --network none --name full ${busybox} sh -c '${script}' > /dev/full`;
    const { status, stderr } = spawnSync('sh', ['-c', run], {
      env: gocker.env,
      timeout: 30_000,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([125, expect.stringContaining('no space left on device')]);
    expect(await stateOf('full')).toMatchObject({ Status: 'exited', ExitCode: 6 });
    expect((await gocker(['logs', 'full'])).stdout).toBe('out\n');
  });

  test.each([
    ['/dev/full', 1, /^gocker: the output cannot be written: .*no space left on device/],
    ['/dev/null', 0, /^$/],
  ])('a list that goes to %s ends with %i', (file, code, said) => {
    const list = `'${process.execPath}' '${GOCKER}' ps > ${file}`;
    const { status, stderr } = spawnSync('sh', ['-c', list], { env: gocker.env, encoding: 'utf8' });
    expect(status).toBe(code);
    expect(stderr).toMatch(said);
  });

  test('a start that fails leaves no cgroup; its container stays, and the file of its ID', async () => {
    const file = join(gocker.root, 'id');
    const flags = ['--network', 'none', '--name', 'bad', '--cidfile', file];
    expect((await gocker(['run', ...flags, '-v', '/etc/passwd/x:/y', busybox, 'true'])).code).toBe(125);
    const [{ Id }] = JSON.parse((await gocker(['inspect', 'bad'])).stdout);
    const found = execFileSync('find', ['/sys/fs/cgroup', '-name', Id], { encoding: 'utf8' });
    expect(found).toBe('');
    expect(readFileSync(file, 'utf8')).toBe(Id);
    expect((await gocker(['run', '--network', 'none', '--rm', busybox, 'true'])).code).toBe(0);
  });

  test.each([
    ['a umask of 777', 'umask 777'],
    ['a directory that is gone', 'mkdir gone; cd gone; rmdir ../gone'],
    ['no HOME', 'unset HOME'],
    ['no PATH', 'PATH=/nowhere'],
    ['64 open files', 'ulimit -n 64'],
  ])('%s: run and run -d work', async (_, first) => {
    const line = (flags: string) =>
      `cd ${gocker.env.HOME}; NODE=${process.execPath}; ${first}; $NODE '${GOCKER}' run ${flags} ${busybox} sh -c 'umask; pwd'`;
    const foreground = spawnSync('/bin/sh', ['-c', line('--rm')], { env: gocker.env, encoding: 'utf8' });
    expect(foreground).toMatchObject({ status: 0, stdout: '0022\n/\n' });
    const background = spawnSync('/bin/sh', ['-c', line('-d --name bg')], {
      env: gocker.env,
      encoding: 'utf8',
    });
    expect(background).toMatchObject({ status: 0, stderr: '' });
    expect((await gocker(['wait', 'bg'])).stdout).toBe('0\n');
    expect((await gocker(['logs', 'bg'])).stdout).toBe('0022\n/\n');
  });
});

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { image, integration, useGocker } from './helpers.ts';

/** The monitor's process and its container's, as the record has them. */
interface Processes {
  monitor: number;
  program: number;
}

integration('the life of a container', () => {
  const gocker = useGocker();
  const busybox = image('busybox:1');
  const ID = /^[0-9a-f]{64}\n$/;

  beforeAll(async () => {
    await gocker(['pull', '-q', busybox]);
  });
  afterEach(async () => {
    const ids = (await gocker(['ps', '-aq'])).stdout.split('\n').filter(Boolean);
    if (ids.length > 0) await gocker(['rm', '-f', ...ids]);
  });

  const detached = (name: string, ...rest: string[]) => gocker(['run', '-d', '--name', name, ...rest]);
  const status = async (name: string) =>
    (await gocker(['ps', '-a', '--format', '{{.Names}} {{.Status}}'])).stdout
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1);
  /** A zombie is waiting for its parent, whoever that is now. */
  const lives = (pid: number) =>
    existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const directoryOf = (id: string) => join(gocker.root, 'containers', id.trim());
  const processes = (id: string): Processes => {
    const { supervisor, identity } = JSON.parse(readFileSync(join(directoryOf(id), 'state.json'), 'utf8'));
    return { monitor: supervisor.pid, program: identity.pid };
  };

  test('run -d prints the ID alone and lets go of all that was the caller’s', async () => {
    // A shell's $( ) waits until nobody holds the pipe any more.
    const begin = performance.now();
    const script = `exec 77>&1; exec node ${join(import.meta.dirname, '../../bin/run.js')} run -d ${busybox} sleep 600`;
    const out = execFileSync('bash', ['-c', script], { env: gocker.env, encoding: 'utf8', timeout: 30_000 });
    expect(out).toMatch(ID);
    expect(performance.now() - begin).toBeLessThan(20_000);
    const { monitor } = processes(out);
    const [, , group, session, terminal] = readFileSync(`/proc/${monitor}/stat`, 'utf8')
      .split(') ')[1]!
      .split(' ');
    expect([group, session, terminal]).toEqual([`${monitor}`, `${monitor}`, '0']);
    const socket = join(gocker.env.GOCKER_RUN!, out.trim());
    expect(statSync(socket).mode & 0o777).toBe(0o700);
    expect(statSync(join(socket, 'attach')).mode & 0o777).toBe(0o600);
  });

  test('run -d fails as run does', async () => {
    expect(await detached('none', busybox, 'nosuch')).toMatchObject({ code: 127, stdout: '' });
    expect(await status('none')).toBe('Created');
    expect((await detached('gone', '--rm', busybox, '/etc/passwd')).code).toBe(126);
    expect(await status('gone')).toBeUndefined();
  });

  test('stop asks, waits, then kills; the exit code is the program’s', async () => {
    const trap = 'trap "exit 7" TERM; while :; do sleep 0.1; done';
    await detached('asks', busybox, 'sh', '-c', trap);
    await detached('deaf', busybox, 'sleep', '600');
    await detached('other', '--stop-signal', 'USR1', busybox, 'sh', '-c', trap.replace('TERM', 'USR1'));
    await sleep(300);
    const begin = performance.now();
    expect(await gocker(['stop', '-t', '2', 'asks', 'deaf', 'other'])).toMatchObject({
      code: 0,
      stdout: 'asks\ndeaf\nother\n',
    });
    const took = performance.now() - begin;
    expect(took).toBeGreaterThan(1900);
    expect(took).toBeLessThan(8000);
    expect(await status('asks')).toMatch(/^Exited \(7\) /);
    expect(await status('deaf')).toMatch(/^Exited \(137\) /);
    expect(await status('other')).toMatch(/^Exited \(7\) /);
    expect((await gocker(['stop', 'asks'])).code).toBe(0);
    expect((await gocker(['stop', 'nosuch'])).code).toBe(1);
  });

  test('stop, kill and rm of the same container at once: one end, one exit code', async () => {
    await detached('busy', busybox, 'sleep', '600');
    const all = await Promise.all([
      gocker(['stop', '-t', '30', 'busy']),
      gocker(['stop', '-t', '30', 'busy']),
      (async () => {
        await sleep(500);
        const begin = performance.now();
        expect(await status('busy')).toMatch(/^Up /);
        expect((await gocker(['rm', 'busy'])).code).toBe(1);
        expect(performance.now() - begin).toBeLessThan(5000);
        return await gocker(['kill', 'busy']);
      })(),
    ]);
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(await status('busy')).toMatch(/^Exited \(137\) /);
    expect((await gocker(['kill', 'busy'])).code).toBe(1);
  });

  test('a stop that is killed in mid-wait leaves a container that still can be stopped', async () => {
    await detached('deaf', busybox, 'sleep', '600');
    const stop = gocker.start(['stop', '-t', '60', 'deaf']);
    await sleep(700);
    stop.child.kill('SIGKILL');
    await stop.ended;
    expect(await status('deaf')).toMatch(/^Up /);
    expect((await gocker(['stop', '-t', '1', 'deaf'])).code).toBe(0);
    expect(await status('deaf')).toMatch(/^Exited \(137\) /);
  });

  test('kill sends any signal', async () => {
    const script =
      'for s in HUP USR1 USR2 WINCH; do trap "echo $s" $s; done; echo up; while :; do sleep 0.1; done';
    await detached('listens', busybox, 'sh', '-c', script);
    await sleep(300);
    for (const signal of ['HUP', 'SIGUSR1', '12', 'winch']) {
      expect((await gocker(['kill', '-s', signal, 'listens'])).code).toBe(0);
      await sleep(300);
    }
    expect((await gocker(['kill', '-s', 'NOSUCH', 'listens'])).code).toBe(1);
    expect((await gocker(['logs', 'listens'])).stdout).toBe('up\nHUP\nUSR1\nUSR2\nWINCH\n');
  });

  test('create, start, wait, restart; start is nothing for what runs', async () => {
    expect(
      (await gocker(['create', '--name', 'made', busybox, 'sh', '-c', 'echo run; sleep 1; exit 3'])).stdout,
    ).toMatch(ID);
    expect(await status('made')).toBe('Created');
    expect(await gocker(['start', 'made'])).toMatchObject({ code: 0, stdout: 'made\n' });
    expect((await gocker(['start', 'made'])).code).toBe(0);
    expect((await gocker(['wait', 'made'])).stdout).toBe('3\n');
    expect(await gocker(['start', '-a', 'made'])).toMatchObject({ code: 3, stdout: 'run\n' });
    expect((await gocker(['restart', '-t', '0', 'made'])).code).toBe(0);
    expect(await status('made')).toMatch(/^Up /);
    expect((await gocker(['restart', '-t', '0', 'made'])).code).toBe(0);
    expect((await gocker(['wait', 'made'])).stdout).toBe('3\n');
    expect((await gocker(['logs', 'made'])).stdout).toBe('run\n'.repeat(4));
  });

  test('wait tells the code even of a container that removes itself', async () => {
    await detached('brief', '--rm', busybox, 'sh', '-c', 'sleep 1; exit 9');
    expect((await gocker(['wait', 'brief'])).stdout).toBe('9\n');
    expect(await status('brief')).toBeUndefined();
  });

  test('start -ai and attach connect streams', async () => {
    await gocker(['create', '-i', '--name', 'cat', busybox, 'cat']);
    expect(await gocker(['start', '-ai', 'cat'], { input: 'one\ntwo' })).toMatchObject({
      code: 0,
      stdout: 'one\ntwo',
    });
    await detached('both', busybox, 'sh', '-c', 'sleep 1; echo out; echo err >&2; exit 4');
    expect(await gocker(['attach', 'both'])).toMatchObject({ code: 4, stdout: 'out\n', stderr: 'err\n' });
    const refused = await gocker(['attach', 'both']);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('is not running');
  });

  test('a restart policy starts it again, and counts', async () => {
    await detached('failing', '--restart', 'on-failure:2', busybox, 'sh', '-c', 'echo run; exit 5');
    await detached('fine', '--restart', 'on-failure', busybox, 'echo', 'run');
    await detached('always', '--restart', 'always', busybox, 'sh', '-c', 'echo run');
    await sleep(2500);
    expect(await status('failing')).toMatch(/^Exited \(5\) /);
    expect((await gocker(['logs', 'failing'])).stdout).toBe('run\n'.repeat(3));
    expect((await gocker(['logs', 'fine'])).stdout).toBe('run\n');
    expect((await gocker(['logs', 'always'])).stdout.length).toBeGreaterThan('run\n'.length * 2);
    expect((await gocker(['stop', '-t', '1', 'always'])).code).toBe(0);
    const runs = (await gocker(['logs', 'always'])).stdout;
    await sleep(1500);
    expect((await gocker(['logs', 'always'])).stdout).toBe(runs);
    expect((await gocker(['run', '--rm', '--restart', 'always', busybox, 'true'])).code).toBe(125);
  });

  test('a health check tells how it is', async () => {
    const flags = [
      '--health-interval',
      '200ms',
      '--health-retries',
      '2',
      '--health-cmd',
      'echo seen; test -e /well',
    ];
    await detached('patient', ...flags, busybox, 'sleep', '600');
    const health = async () =>
      JSON.parse(
        readFileSync(
          join(directoryOf((await gocker(['ps', '-q', '--no-trunc'])).stdout), 'state.json'),
          'utf8',
        ),
      ).health;
    expect((await health()).status).toBe('starting');
    await expect.poll(async () => (await health()).status, { timeout: 10_000 }).toBe('unhealthy');
    await gocker(['exec', 'patient', 'touch', '/well']);
    await expect.poll(async () => (await health()).status, { timeout: 10_000 }).toBe('healthy');
    expect((await health()).log.at(-1)).toMatchObject({ exitCode: 0, output: 'seen\n' });
  });

  test('--init reaps, --cidfile tells', async () => {
    const file = join(gocker.root, '../id');
    const { stdout } = await detached(
      'reaps',
      '--init',
      '--cidfile',
      file,
      busybox,
      'sh',
      '-c',
      'sleep 0.1 & exec sleep 600',
    );
    expect(readFileSync(file, 'utf8')).toBe(stdout.trim());
    expect((await gocker(['run', '--rm', '--cidfile', file, busybox, 'true'])).code).toBe(125);
    const ps = (await gocker(['exec', 'reaps', 'cat', '/proc/1/comm'])).stdout;
    expect(ps).toMatch(/init|tini|catatonit/);
    const begin = performance.now();
    await gocker(['stop', 'reaps']);
    expect(performance.now() - begin).toBeLessThan(8000);
    expect(await status('reaps')).toMatch(/^Exited \(143\) /);
    const absent = await gocker(['run', '--rm', '--init', busybox, 'true'], { env: { PATH: '/nowhere' } });
    expect(absent).toMatchObject({ code: 125, stderr: expect.stringContaining('catatonit') });
  });

  test('out of memory is told, somebody’s kill -9 is not', async () => {
    const eat = 'x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done';
    await detached('eater', '--mem=16m', busybox, 'sh', '-c', eat);
    await detached('killed', busybox, 'sleep', '600');
    await gocker(['kill', 'killed']);
    await gocker(['wait', 'eater', 'killed']);
    expect(await status('eater')).toMatch(/^Exited \(137\) .*out of memory/);
    expect(await status('killed')).toMatch(/^Exited \(137\) [^(]*$/);
  });

  test('a killed monitor: the next command sees the truth, and all is free again', async () => {
    const { stdout: id } = await detached(
      'orphan',
      '--restart',
      'always',
      busybox,
      'sh',
      '-c',
      'echo before; sleep 600',
    );
    await sleep(200);
    const { monitor, program } = processes(id);
    process.kill(monitor, 'SIGKILL');
    expect(await status('orphan')).toMatch(/^Exited \(255\) /);
    expect(lives(program)).toBe(false);
    expect(existsSync(join(gocker.env.GOCKER_RUN!, id.trim()))).toBe(false);
    const [{ State }] = JSON.parse((await gocker(['container', 'inspect', 'orphan'])).stdout);
    expect(State).toMatchObject({
      Status: 'exited',
      ExitCode: 255,
      OOMKilled: false,
      Error: expect.stringContaining('killed'),
    });
    expect((await gocker(['logs', 'orphan'])).stdout).toBe('before\n');
    for (const verb of ['stop', 'start', 'stop']) {
      expect((await gocker([verb, ...(verb === 'stop' ? ['-t', '0'] : []), 'orphan'])).code).toBe(0);
    }
    expect((await gocker(['rm', 'orphan'])).code).toBe(0);
    expect((await detached('orphan', '--rm', busybox, 'sleep', '600')).code).toBe(0);
  });

  test('a recycled pid is never signalled', async () => {
    const victim = gocker.start(['run', '--rm', '--name', 'victim', busybox, 'sleep', '600']);
    await expect.poll(() => status('victim')).toMatch(/^Up /);
    const { stdout: id } = await detached('stale', busybox, 'sleep', '600');
    const path = join(directoryOf(id), 'state.json');
    const { monitor } = processes(id);
    process.kill(monitor, 'SIGKILL');
    await sleep(100);
    const state = JSON.parse(readFileSync(path, 'utf8'));
    for (const key of ['supervisor', 'identity']) state[key] = { ...state[key], pid: victim.child.pid };
    writeFileSync(path, JSON.stringify(state));
    expect((await gocker(['kill', 'stale'])).code).toBe(1);
    expect((await gocker(['stop', 'stale'])).code).toBe(0);
    expect((await gocker(['rm', '-f', 'stale'])).code).toBe(0);
    expect(victim.child.exitCode).toBeNull();
    expect(await status('victim')).toMatch(/^Up /);
    await gocker(['rm', '-f', 'victim']);
    await victim.ended;
  });

  test('twenty run -d at once, and rm -f of all', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => detached(`many${index}`, busybox, 'sleep', '600')),
    );
    expect(all.filter(({ code }) => code !== 0)).toEqual([]);
    const ids = (await gocker(['ps', '-q'])).stdout.split('\n').filter(Boolean);
    expect(ids).toHaveLength(20);
    expect((await gocker(['rm', '-f', ...ids])).code).toBe(0);
    expect(readdirSync(join(gocker.root, 'containers'))).toEqual([]);
  });
});

import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useContainers } from './containers.ts';
import { integration } from './helpers.ts';

integration('the life of a container', () => {
  const { gocker, busybox, detached, status, processes } = useContainers();
  const ID = /^[0-9a-f]{64}\n$/;

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
});

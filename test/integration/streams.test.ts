/** What of a program is shown and handed on: `-a`, `--sig-proxy`, `logs --details`. */
import { expect, test } from 'vitest';
import { useContainers } from './containers.ts';
import { integration } from './helpers.ts';

integration('streams', () => {
  const { gocker, busybox, detached, status } = useContainers();
  const both = [busybox, 'sh', '-c', 'cat; echo out; echo err >&2; exit 3'];
  const run = (...args: string[]) => gocker(['run', '--rm', ...args], { input: 'in\n' });

  test.each([
    [[], 'out\n', 'err\n'],
    [['-a', 'stdout'], 'out\n', ''],
    [['--attach=STDERR'], '', 'err\n'],
    [['-a', 'stdout', '-a', 'stderr'], 'out\n', 'err\n'],
    [['-ia', 'stdin'], '', ''],
    [['-i', '-a', 'stdout'], 'in\nout\n', ''],
  ])('run %j', async (flags, stdout, stderr) => {
    expect(await run(...flags, ...both)).toEqual({ code: 3, stdout, stderr });
  });

  test('what is not shown is in the log all the same', async () => {
    await gocker(['run', '--name', 'kept', '-a', 'stderr', ...both]);
    expect(await gocker(['logs', 'kept'])).toMatchObject({ stdout: 'out\n', stderr: 'err\n' });
    expect((await gocker(['logs', '--details', 'kept'])).stdout).toBe(' out\n');
    expect((await gocker(['logs', '--details', '-t', 'kept'])).stdout).toMatch(/^\S+Z {2}out\n$/);
  });

  test('refusals, and what is taken', async () => {
    const refused = await gocker(['run', '-d', '-a', 'stdout', busybox, 'true']);
    expect(refused.code).toBe(125);
    expect(refused.stderr).toContain('conflicting options: cannot specify both --attach and --detach');
    for (const command of ['run', 'create']) {
      const { code, stderr } = await gocker([command, '-a', 'foo', busybox, 'true']);
      expect(code).toBe(125);
      expect(stderr).toContain('"foo" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR');
      expect((await gocker([command, '-a', 'stdout', busybox, 'true'])).code).toBe(0);
    }
    expect((await gocker(['run', '--detach-keys', 'ctrl-1', busybox, 'true'])).code).toBe(125);
    expect((await gocker(['run', '--detach-keys', 'ctrl-a', busybox, 'true'])).code).toBe(0);
    expect((await gocker(['run', '-d', '--sig-proxy=false', busybox, 'true'])).code).toBe(0);
  });

  const listen = 'trap "echo heard; exit 5" HUP; echo ready; while :; do sleep 0.05; done';

  test('--sig-proxy=false keeps signals from the program', async () => {
    const proud = gocker.start(['run', '--name', 'proud', busybox, 'sh', '-c', listen]);
    await proud.waitFor('ready');
    proud.child.kill('SIGHUP');
    expect(await proud.ended).toMatchObject({ code: 5, stdout: 'ready\nheard\n' });
    const deaf = gocker.start(['run', '--sig-proxy=false', '--name', 'deaf', busybox, 'sh', '-c', listen]);
    await deaf.waitFor('ready');
    deaf.child.kill('SIGHUP');
    expect(await deaf.ended).toMatchObject({ code: 129, stdout: 'ready\n' });
    expect(await status('deaf')).toMatch(/^Exited \((137|255)\)/);
  });

  test('an attach without them leaves the program alone when it ends', async () => {
    await detached('alone', busybox, 'sh', '-c', `sleep 2; ${listen}`);
    const attached = gocker.start(['attach', '--sig-proxy=false', 'alone']);
    await attached.waitFor('ready');
    attached.child.kill('SIGHUP');
    expect((await attached.ended).code).toBe(129);
    expect(await status('alone')).toMatch(/^Up /);
  });
});

/** Programs that go on when gocker goes: `exec -d`, and the keys that leave `exec` and `run`. */
import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { lives, useContainers } from './containers.ts';
import { integration } from './helpers.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** The processes of that name. */
function named(word: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => lives(pid) && argumentsOf(pid).includes(word));
}

function argumentsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

integration('a program that is left', () => {
  const { gocker, busybox, detached, status } = useContainers();
  const exec = (...args: string[]) => gocker(['exec', ...args]);
  const file = async (path: string) => (await exec('box', 'cat', path)).stdout;
  beforeEach(() => detached('box', busybox, 'sleep', '600'));

  test('exec -d returns at once; the program goes on, and ends with the container', async () => {
    const script = 'cat; echo out; echo err >&2; tty >/tty; id -u >>/tty; echo $A >>/tty; sleep 87654';
    const left = await exec('-d', '-u', '7', '-e', 'A=b', '-w', '/tmp', 'box', 'sh', '-c', 'true');
    expect(left).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await exec('-di', '-e', 'A=b', 'box', 'sh', '-c', script)).toMatchObject({ code: 0, stdout: '' });
    await expect.poll(() => file('/tty')).toBe('not a tty\n0\nb\n');
    expect(named('87654').length).toBeGreaterThan(0);
    await gocker(['rm', '-f', 'box']);
    await expect.poll(() => named('87654')).toEqual([]);
  });

  test('exec -dt gives it a terminal that somebody reads, to the end', async () => {
    expect((await exec('-dt', 'box', 'sh', '-c', 'tty; seq 100000; tty >/tty; sleep 87655')).code).toBe(0);
    await expect.poll(() => file('/tty'), { timeout: 10_000 }).toMatch(/^\/dev\/pts\/\d+\n$/);
    expect(named('gocker-terminal')).toHaveLength(1);
    await gocker(['rm', '-f', 'box']);
    await expect.poll(() => [...named('87655'), ...named('gocker-terminal')]).toEqual([]);
  });

  test('exec -d says what keeps a program from running', async () => {
    expect(await exec('-d', 'box', 'nosuch')).toMatchObject({
      code: 127,
      stderr: expect.stringContaining('nosuch'),
    });
    expect((await exec('-d', '-w', '/nosuch', 'box', 'true')).code).toBe(126);
    expect((await exec('-d', 'box', 'true')).code).toBe(0);
  });

  test('exec --privileged has all capabilities', async () => {
    const bounding = async (...flags: string[]) =>
      BigInt(
        `0x${(await exec(...flags, 'box', 'sh', '-c', 'grep CapEff /proc/self/status')).stdout.split(/\s+/)[1]}`,
      );
    expect(await bounding('--privileged')).toBeGreaterThan(await bounding());
  });

  async function leave(args: string[], mark: string): Promise<void> {
    const terminal: Terminal = openTerminal(gocker, args);
    try {
      await terminal.waitFor(/# ?$/);
      terminal.type(`echo ${mark}-$((1+1))\r`);
      await terminal.waitFor(new RegExp(`${mark}-2`));
      terminal.press('C-x');
      terminal.type('q');
      await terminal.waitFor(/read escape sequence/);
      expect(await terminal.exitCode()).toBe(0);
    } finally {
      terminal.close();
    }
  }

  test('--detach-keys leaves an exec, whose shell goes on', async () => {
    const shell = ['sh', '-c', '(sleep 2; echo on >/on) & exec sh -s 87656'];
    await leave(['exec', '-it', '--detach-keys', 'ctrl-x,q', 'box', ...shell], 'exec');
    await expect.poll(() => file('/on'), { timeout: 10_000 }).toBe('on\n');
    expect(named('87656')).toHaveLength(1);
    expect(named('gocker-terminal')).toHaveLength(1);
  });

  test('--detach-keys leaves a run, to which one can attach again', async () => {
    await leave(['run', '-it', '--name', 'left', '--detach-keys', 'ctrl-x,q', busybox, 'sh'], 'run');
    expect(await status('left')).toMatch(/^Up /);
    const terminal = openTerminal(gocker, ['attach', 'left']);
    try {
      terminal.type('echo back-$((1+1)); exit 4\r');
      await terminal.waitFor(/back-2/);
      expect(await terminal.exitCode()).toBe(4);
    } finally {
      terminal.close();
    }
  });
});

import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { GOCKER, image, integration, useGocker } from './helpers.ts';
import { openShell, openTerminal, type Terminal } from './terminal.ts';

integration('terminals', () => {
  const gocker = useGocker();
  const BUSYBOX = image('busybox:1');
  beforeAll(() => gocker(['pull', BUSYBOX]));

  async function inTerminal(terminal: Terminal, steps: () => Promise<void>): Promise<void> {
    try {
      await steps();
    } finally {
      terminal.close();
    }
  }

  /** What a person does at a shell, in `run` and in `exec` alike. */
  async function useShell(terminal: Terminal): Promise<void> {
    await terminal.waitFor(/\/ # ?$/);
    terminal.type('tty; stty size\r');
    await terminal.waitFor(/\/dev\/pts\/\d+\n24 80/);
    terminal.resize({ columns: 100, rows: 30 });
    terminal.type('sleep 1; stty size\r');
    await terminal.waitFor(/30 100/);
    terminal.type('sleep 1000\r');
    await terminal.waitFor(/sleep 1000/);
    terminal.press('C-c');
    terminal.type('echo after-$?\r');
    await terminal.waitFor(/after-130/);
    terminal.type('sleep 1000\r');
    terminal.press('C-z');
    await terminal.waitFor(/Stopped/);
    terminal.type('fg\r');
    await terminal.waitFor(/fg\s+sleep 1000/);
    terminal.press('C-c');
    terminal.type('echo again-$?\r');
    await terminal.waitFor(/again-130/);
    terminal.type('exit 5\r');
    expect(await terminal.exitCode()).toBe(5);
  }

  test('run -it is a shell with job control, Ctrl-C and the size of the window', async () => {
    const terminal = openTerminal(gocker, ['run', '--rm', '-it', BUSYBOX, 'sh']);
    await inTerminal(terminal, () => useShell(terminal));
  });

  test('exec -it is the same in a container that runs', async () => {
    const running = gocker.start([
      'run',
      '--rm',
      '--name',
      'host',
      BUSYBOX,
      'sh',
      '-c',
      'echo up; sleep 1000',
    ]);
    await running.waitFor('up');
    const terminal = openTerminal(gocker, ['exec', '-it', 'host', 'sh']);
    await inTerminal(terminal, () => useShell(terminal));
    await gocker(['rm', '-f', 'host']);
    expect((await running.ended).code).toBe(137);
  });

  const settings = (line: string) =>
    `stty -g > $GOCKER_ROOT.stty; ${line}; echo ended-$?; stty -g | diff - $GOCKER_ROOT.stty && echo same`;
  const command = `${process.execPath} ${GOCKER} run --rm -it --name raw`;

  test.each([
    ['the program ends', 'exit 3', 'ended-3'],
    ['the program is killed', 'kill -9 $$; exec kill -9 0', 'ended-'],
  ])('the terminal is as before when %s', async (_, typed, seen) => {
    const terminal = openShell(gocker, settings(`${command} ${BUSYBOX} sh`));
    await inTerminal(terminal, async () => {
      await terminal.waitFor(/\/ # ?$/);
      terminal.type(`${typed}\r`);
      if (seen === 'ended-') await gocker(['rm', '-f', 'raw']);
      await terminal.waitFor(new RegExp(`${seen}[\\s\\S]*same`));
    });
  });

  test.each(['TERM', 'HUP'])('the terminal is as before when gocker gets SIG%s', async (signal) => {
    const terminal = openShell(gocker, settings(`${command} ${BUSYBOX} sh -c 'echo ready; exec sleep 1000'`));
    await inTerminal(terminal, async () => {
      await terminal.waitFor(/ready/);
      // Three times is what it takes: PID 1 of a container is deaf to signals that it does not handle.
      for (let times = 0; times < 3; times++) {
        execFileSync('pkill', [`-${signal}`, '-f', `^${command}`]);
        await sleep(200);
      }
      if (signal === 'HUP') await gocker(['rm', '-f', 'raw']);
      await terminal.waitFor(/ended-[\s\S]*same/);
    });
  });

  test('-t without a terminal on this side works, and refuses -i', async () => {
    const alone = await gocker(['run', '--rm', '-t', BUSYBOX, 'tty']);
    expect(alone).toMatchObject({ code: 0, stdout: '/dev/pts/0\r\n' });
    const refused = await gocker(['run', '--rm', '-it', BUSYBOX, 'tty'], { input: 'x' });
    expect(refused.code).toBe(125);
    expect(refused.stderr).toContain('not a terminal');
  });

  test('-i carries bytes both ways, unchanged', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) % 256));
    const { stdout, code } = await gocker(['run', '--rm', '-i', BUSYBOX, 'md5sum'], { input: bytes });
    const expected = execFileSync('md5sum', { input: bytes, encoding: 'utf8' });
    expect({ stdout, code }).toEqual({ stdout: expected, code: 0 });
  });

  test('a reader that goes away ends the program, as in a pipe of the shell', async () => {
    const line = `${process.execPath} ${GOCKER} run --rm ${BUSYBOX} yes | head -n 2`;
    expect(execFileSync('sh', ['-c', line], { env: gocker.env, encoding: 'utf8' })).toBe('y\ny\n');
  });
});

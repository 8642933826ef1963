/** Programs that take the whole terminal, in `run`, `exec` and `attach`. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { useContainers } from './containers.ts';
import { integration } from './helpers.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** The host's programs and their libraries: an image has neither bash nor vim that is worth the name. */
const HOST = ['/usr', '/lib', '/lib64', '/etc/alternatives', '/etc/terminfo']
  .filter(existsSync)
  .flatMap((path) => ['-v', `${path}:${path}:ro`]);
const TERM = ['-e', 'TERM=xterm'];

integration('a terminal', () => {
  const { gocker, busybox, detached, status } = useContainers();

  async function inTerminal(args: string[], steps: (terminal: Terminal) => Promise<void>): Promise<void> {
    const terminal = openTerminal(gocker, args);
    try {
      await steps(terminal);
    } finally {
      terminal.close();
    }
  }

  /** Job control as people use it, at a prompt `$ `. */
  async function useJobs(terminal: Terminal): Promise<void> {
    const [key, seen] = [terminal.press, terminal.waitFor];
    terminal.type('sh -c "echo up-$((1+1)); exec sleep 1000"\r');
    await seen(/^up-2/m);
    key('C-z');
    await seen(/Stopped +sh -c/);
    terminal.type('bg; jobs\r');
    await seen(/Running +sh -c/);
    terminal.type('fg\r');
    await seen(/# fg\s+sh -c/);
    key('C-\\');
    await seen(/Quit/);
    terminal.type('echo code-$?; sh -c "echo up-$((1+2)); exec cat"\r');
    await seen(/code-131\s+up-3/);
    key('C-c');
    await seen(/\^C\s+bash-\S+#$/);
    terminal.type('echo code-$?\r');
    await seen(/code-130/);
  }

  const bash = ['/usr/bin/bash', '--norc', '--noprofile'];

  test('bash has job control, Ctrl-C, Ctrl-Z and Ctrl-\\ in run', () =>
    inTerminal(['run', '--rm', '-it', ...TERM, ...HOST, busybox, ...bash], async (terminal) => {
      await terminal.waitFor(/bash-.*# $|bash-.*#$/);
      await useJobs(terminal);
      terminal.type('exit 4\r');
      expect(await terminal.exitCode()).toBe(4);
    }));

  test('in exec too', async () => {
    await detached('host', ...HOST, busybox, 'sleep', '600');
    await inTerminal(['exec', '-it', ...TERM, 'host', ...bash], async (terminal) => {
      await terminal.waitFor(/bash-.*#/);
      await useJobs(terminal);
      terminal.type('exit 4\r');
      expect(await terminal.exitCode()).toBe(4);
    });
  });

  const vi = existsSync('/usr/bin/vim') ? ['busybox vi', '/usr/bin/vim -u NONE'] : ['busybox vi'];
  if (vi.length === 1) console.log('no vim on this host: busybox vi alone');

  test.each(vi)('%s edits, and follows the size of the window', async (editor) => {
    await detached('edits', ...HOST, busybox, 'sleep', '600');
    const command = editor.replace('busybox ', '').split(' ');
    await inTerminal(['exec', '-it', ...TERM, 'edits', ...command, '/text'], async (terminal) => {
      await terminal.waitFor(/^~$[\s\S]*~/m);
      expect(terminal.screen().match(/^~$/gm)?.length).toBeLessThan(24);
      terminal.type('ihello from the editor');
      await terminal.waitFor(/hello from the editor/);
      terminal.press('Escape');
      // What follows within 50 ms would be a part of an escape sequence.
      await expect.poll(() => terminal.screen()).not.toMatch(/^I \/text|INSERT/m);
      terminal.resize({ columns: 100, rows: 40 });
      await expect.poll(() => terminal.screen().match(/^~$/gm)?.length).toBeGreaterThan(30);
      terminal.type(':wq\r');
      expect(await terminal.exitCode()).toBe(0);
    });
    expect((await gocker(['exec', 'edits', 'cat', '/text'])).stdout).toBe('hello from the editor\n');
  });

  test('top refreshes and ends with q', () =>
    inTerminal(['run', '--rm', '-it', ...TERM, busybox, 'top', '-d', '1'], async (terminal) => {
      await terminal.waitFor(/Mem: .*used[\s\S]*PID +PPID[\s\S]*top -d 1/);
      terminal.resize({ columns: 120, rows: 30 });
      terminal.type('q');
      expect(await terminal.exitCode()).toBe(0);
    }));

  test('attach, detach and attach again, with the size of each window', async () => {
    await detached('shell', '-it', ...TERM, ...HOST, busybox, ...bash);
    await inTerminal(['attach', 'shell'], async (terminal) => {
      terminal.resize({ columns: 90, rows: 33 });
      terminal.type('stty size\r');
      await terminal.waitFor(/33 90/);
      await useJobs(terminal);
      terminal.press('C-p');
      terminal.press('C-q');
      await terminal.waitFor(/read escape sequence/);
      expect(await terminal.exitCode()).toBe(0);
    });
    expect(await status('shell')).toMatch(/^Up /);
    await inTerminal(['attach', '--detach-keys', 'ctrl-x,q', 'shell'], async (terminal) => {
      terminal.type('stty size\r');
      await terminal.waitFor(/24 80/);
      terminal.press('C-x');
      terminal.type('q');
      await terminal.waitFor(/read escape sequence/);
      expect(await terminal.exitCode()).toBe(0);
    });
    await inTerminal(['attach', 'shell'], async (terminal) => {
      terminal.type('exit 7\r');
      expect(await terminal.exitCode()).toBe(7);
    });
    expect(await status('shell')).toMatch(/^Exited \(7\) /);
  });

  test('an attach that is killed leaves the program alone', async () => {
    await detached('kept', '-it', busybox, 'sh');
    const attached = gocker.start(['attach', '--no-stdin', 'kept']);
    await sleep(1000);
    attached.child.kill('SIGKILL');
    await attached.ended;
    expect(await status('kept')).toMatch(/^Up /);
    await inTerminal(['attach', 'kept'], async (terminal) => {
      terminal.type('\rexit 3\r');
      expect(await terminal.exitCode()).toBe(3);
    });
  });

  test('start -ai of a shell is a terminal from its first word', async () => {
    await gocker(['create', '-it', '--name', 'later', busybox, 'sh']);
    await inTerminal(['start', '-ai', 'later'], async (terminal) => {
      await terminal.waitFor(/\/ # ?$/);
      terminal.type('stty size; exit 2\r');
      await terminal.waitFor(/24 80/);
      expect(await terminal.exitCode()).toBe(2);
    });
  });
});

import { describe, expect, it } from 'vitest';
import { runsContainer } from '../../src/main/early-run.ts';

describe('runsContainer', () => {
  it.each([
    [['run', 'alpine', '-it']],
    [['run', '-it', 'alpine', 'cmd', '--help', 'x']],
    [['container', 'run', '-i', 'alpine']],
    [['--root', '/x', 'run', 'alpine']],
    [['--root=/x', '--storage-driver=overlayfs', 'container', 'run', 'alpine']],
  ])('sees that %j runs one', (argv) => expect(runsContainer(argv)).toBe(true));

  it.each([[['exec', 'one', 'run']], [['container', 'ls', 'run']], [['ps']], [['--root', 'run']], [[]]])(
    'sees that %j runs none',
    (argv) => expect(runsContainer(argv)).toBe(false),
  );

  it.each([
    [['run', '-it', '--detach-keys', 'ctrl-a', 'alpine']],
    [['run', '--detach-keys=ctrl-a', '-it', 'alpine']],
    [['run', '-d', 'alpine']],
    [['container', 'run', '-itd', '--rm', 'alpine']],
    [['run', '--detach', 'alpine']],
    [['run', '--restart', 'always', 'alpine']],
  ])('leaves %j to a monitor', (argv) => expect(runsContainer(argv)).toBe(false));
});

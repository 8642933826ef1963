import { describe, expect, it } from 'vitest';
import { prepareArgv } from '../../src/cli/argv.ts';
import { earlyRun } from '../../src/cli/early-run.ts';

const option = { type: 'option' } as const;
const boolean = { type: 'boolean' } as const;
const flags = { tty: { ...boolean, char: 't' }, interactive: { ...boolean, char: 'i' }, 'run-root': option };

function early(argv: string[], env: Record<string, string> = {}) {
  const find = (id: string) => (id === 'ps' ? { id, flags } : { id, flags, passThrough: true });
  return earlyRun(
    prepareArgv(argv, (id) => (['run', 'container:run', 'exec', 'ps'].includes(id) ? find(id) : undefined)),
    env,
  );
}

describe('earlyRun', () => {
  it.each([
    [['run', 'alpine', '-it'], { runRoot: '/run/gocker', terminal: false, stdin: false }],
    [['run', '-it', 'alpine'], { runRoot: '/run/gocker', terminal: true, stdin: true }],
    [['container', 'run', '-i', 'alpine'], { runRoot: '/run/gocker', terminal: false, stdin: true }],
    [['--run-root', '/x', 'run', 'alpine'], { runRoot: '/x', terminal: false, stdin: false }],
  ])('sees what %j will run', (argv, expected) => {
    expect(early(argv)).toEqual(expected);
  });

  it('reads GOCKER_RUN, after the flag', () => {
    expect(early(['run', 'alpine'], { GOCKER_RUN: '/env' })?.runRoot).toBe('/env');
    expect(early(['run', '--run-root=/flag', 'alpine'], { GOCKER_RUN: '/env' })?.runRoot).toBe('/flag');
  });

  it.each([
    [['run']],
    [['run', '--help']],
    [['run', '-it']],
    [['exec', 'one', 'sh']],
    [['ps', 'alpine']],
    [['nosuch', 'x']],
    [[]],
  ])('sees nothing to run in %j', (argv) => {
    expect(early(argv)).toBeUndefined();
  });
});

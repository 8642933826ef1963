import { parse } from '@oclif/core/parser';
import { describe, expect, it } from 'vitest';
import { type CommandShape, prepareArgv } from '../../src/cli/argv.ts';
import { isHidden } from '../../src/cli/value.ts';
import { type CommandClass, commands as loads } from '../../src/commands/index.ts';

const commands: Record<string, CommandClass> = {};
for (const [id, load] of Object.entries(loads)) commands[id] = (await load()).default;

const find = (id: string): CommandShape | undefined => {
  const command = commands[id];
  return command && { id, passThrough: command.passThrough, flags: flagsOf(id) };
};

function flagsOf(id: string) {
  return { ...commands[id]!.baseFlags, ...commands[id]!.flags } as CommandShape['flags'];
}

/** What the command's run() would see. */
async function parsed(...argv: string[]) {
  const prepared = prepareArgv(argv, find);
  const id = prepared.command!.id;
  const input = { args: commands[id]!.args, flags: flagsOf(id) };
  const rest = prepared.argv.slice(id.split(':').length);
  return await parse(rest, input as unknown as Parameters<typeof parse>[1]);
}

describe('login', () => {
  it.each(['SECRET', '-SECRET', '--rm', '', '*0'])(
    'takes a password and shows it to nobody: %j',
    async (password) => {
      for (const typed of [['-p', password], [`-p=${password}`], [`--password=${password}`]]) {
        const { argv } = prepareArgv(['login', ...typed], find);
        expect(argv.some(isHidden)).toBe(true);
        expect(argv.join()).not.toContain('SECRET');
        expect((await parsed('login', ...typed)).flags.password).toBe(password);
      }
    },
  );

  it('shows the rest', () => {
    const { argv } = prepareArgv(['login', '-u', 'me', '--password-stdin', 'r.io'], find);
    expect(argv).toEqual(['login', '--username=me', '--password-stdin', '--', 'r.io']);
    expect(argv.some(isHidden)).toBe(false);
  });
});

describe('run', () => {
  it.each([
    ['ls -la', ['ls', '-la']],
    ['sh -c echo_a_b_a', ['sh', '-c', 'echo a b a']],
    ['cmd --help', ['cmd', '--help']],
    ['echo --', ['echo', '--']],
    ['-- x', ['--', 'x']],
    ['env -e X', ['env', '-e', 'X']],
    ['echo a b a', ['echo', 'a', 'b', 'a']],
    ['jq --json --rm --root=/x', ['jq', '--json', '--rm', '--root=/x']],
  ])('hands on everything after IMAGE: alpine %s', async (typed, command) => {
    const words = typed.split(' ').map((word) => word.replaceAll('_', ' '));
    const { args, flags } = await parsed('run', '--rm', 'alpine', ...words);
    expect(args).toEqual({ image: 'alpine', command });
    expect(flags.rm).toBe(true);
  });

  it.each([
    [['-it'], { interactive: true, tty: true }],
    [['--rm=false'], { rm: false }],
    [['--rm=true'], { rm: true }],
    [['--rm', '--rm=false'], { rm: false }],
    [['-t=false'], { tty: false }],
    [['-it=false'], { interactive: true, tty: false }],
    [['-eA=1'], { env: ['A=1'] }],
    [['-e=A=1'], { env: ['A=1'] }],
    [['-ite', 'A=1'], { interactive: true, tty: true, env: ['A=1'] }],
    [['-e', 'A=1', '-e', 'B=2'], { env: ['A=1', 'B=2'] }],
    [['--env', 'A=1', '--env=B='], { env: ['A=1', 'B='] }],
    [['-h', 'box'], { hostname: 'box' }],
    [['--name', 'a', '--name', 'b'], { name: 'b' }],
    [['--name', 'run'], { name: 'run' }],
    [['--entrypoint', ''], { entrypoint: '' }],
    [['--entrypoint=--rm'], { entrypoint: '--rm', rm: false }],
    [['-e', '-t'], { env: ['-t'], tty: false }],
    [['--pids-limit', '-1'], { pids: '-1' }],
    [['--memory-swap', '-1'], { 'memory-swap': '-1' }],
    [['-m64m'], { memory: '64m' }],
    [['--name', 'alpine'], { name: 'alpine' }],
  ])('reads %j as docker does', async (typed, flags) => {
    const result = await parsed('run', ...typed, 'alpine', 'sh');
    expect(result.args).toEqual({ image: 'alpine', command: ['sh'] });
    expect({ rm: false, tty: false, interactive: false, ...result.flags }).toMatchObject(flags);
  });

  it('takes global options before the command too', async () => {
    const result = await parsed('--root', '/data', '--storage-driver=s', 'run', '--root', '/other', 'alpine');
    expect(result.flags).toMatchObject({ root: '/other', 'storage-driver': 's' });
    expect(result.args.image).toBe('alpine');
  });

  it('is found as container run', async () => {
    const result = await parsed('container', 'run', '--rm', 'alpine', 'ls', '-l');
    expect(result.args).toEqual({ image: 'alpine', command: ['ls', '-l'] });
  });

  it.each([
    [['run', '--hlep', 'alpine'], 'unknown flag: --hlep'],
    [['run', '-itx', 'alpine'], "unknown shorthand flag: 'x' in -itx"],
    [['run', '--name'], 'flag needs an argument: --name'],
    [['run', '-e'], 'flag needs an argument: -e'],
    [['run', '--rm=maybe', 'alpine'], 'invalid argument "maybe" for --rm'],
    [['run', '--no-rm', 'alpine'], 'unknown flag: --no-rm'],
  ])('refuses %j', (argv, message) => {
    expect(() => prepareArgv(argv, find)).toThrow(message);
  });
});

describe('help', () => {
  it.each([
    [
      ['run', '--help'],
      ['run', '--help'],
    ],
    [
      ['run', '--rm', '--help', 'alpine'],
      ['run', '--help'],
    ],
    [
      ['ps', '-h'],
      ['ps', '--help'],
    ],
    [
      ['container', 'ls', '--help'],
      ['container', 'ls', '--help'],
    ],
  ])('%j', (argv, expected) => {
    expect(prepareArgv(argv, find).argv).toEqual(expected);
  });

  it('is no flag of a value: run -e --help', async () => {
    expect((await parsed('run', '-e', '--help', 'alpine')).flags.env).toEqual(['--help']);
  });
});

describe('other commands', () => {
  it('take flags after their arguments', async () => {
    const { args, flags } = await parsed('rm', 'one', '-f', 'two');
    expect(args.container).toEqual(['one', 'two']);
    expect(flags.force).toBe(true);
  });

  it('take what follows -- as it is', async () => {
    expect((await parsed('rm', '--', '-f')).args.container).toEqual(['-f']);
  });

  it.each([[['--version']], [['nosuch', '--rm']], [[]], [['image']], [['plugins', 'install', '-f']]])(
    'leaves %j to oclif',
    (argv) => {
      expect(prepareArgv(argv, find)).toEqual({ argv });
    },
  );
});

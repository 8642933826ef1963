import { describe, expect, it } from 'vitest';
import { mergeEnv } from '../../src/container/env.ts';
import { type CreateOptions, planContainer, planExec } from '../../src/container/plan.ts';
import type { ImageRunConfig } from '../../src/image/types.ts';
import { fakeImage } from './fake-context.ts';

const id = '0123456789ab'.padEnd(64, 'c');

function plan(options: CreateOptions, image: ImageRunConfig = {}) {
  return planContainer(options, {
    id,
    name: 'one',
    created: new Date(0),
    image: fakeImage(image),
    reference: 'alpine',
    storageDriver: 'overlayfs',
    sharedHostname: 'host',
    available: ['CAP_CHOWN', 'CAP_NET_ADMIN'],
  });
}

describe('the program', () => {
  it.each<[CreateOptions, ImageRunConfig, string[], number]>([
    [{}, { Cmd: ['sh'] }, ['sh'], 0],
    [{}, { Entrypoint: ['e', '1'], Cmd: ['c'] }, ['e', '1', 'c'], 2],
    [{ command: ['x', '-y'] }, { Entrypoint: ['e'], Cmd: ['c'] }, ['e', 'x', '-y'], 1],
    [{ command: [] }, { Cmd: ['c'] }, ['c'], 0],
    [{ entrypoint: 'p' }, { Entrypoint: ['e'], Cmd: ['c'] }, ['p'], 1],
    [{ entrypoint: 'p', command: ['x'] }, { Entrypoint: ['e'], Cmd: ['c'] }, ['p', 'x'], 1],
    [{ entrypoint: '', command: ['x'] }, { Entrypoint: ['e'], Cmd: ['c'] }, ['x'], 0],
  ])('%j on %j', (options, image, args, entrypointLength) => {
    expect(plan(options, image)).toMatchObject({ process: { args }, entrypointLength });
  });

  it.each<[CreateOptions, ImageRunConfig]>([
    [{}, {}],
    [{ entrypoint: '' }, { Cmd: ['c'] }],
    [{ command: [''] }, {}],
  ])('is missing: %j on %j', (options, image) => {
    expect(() => plan(options, image)).toThrow('no command given');
  });

  it('may hold no NUL', () => {
    expect(() => plan({ command: ['a\0b'] })).toThrow('NUL');
    expect(() => plan({ command: ['a'], env: ['A=\0'] })).toThrow('NUL');
    expect(plan({ command: ['a\nb'], env: ['A=x\ny'] }).process.args).toEqual(['a\nb']);
  });
});

describe('the environment', () => {
  const image = { Cmd: ['sh'], Env: ['PATH=/bin', 'A=image', 'B=image'] };

  it('is the base, the image, the user', () => {
    expect(plan({ env: ['A=user', 'C=', 'B'] }, image).process.env).toEqual([
      'PATH=/bin',
      'HOSTNAME=0123456789ab',
      'A=user',
      'C=',
    ]);
  });

  it('has a PATH and, with a terminal, TERM', () => {
    expect(plan({ command: ['sh'], terminal: true, hostname: 'box' }).process.env).toEqual([
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'HOSTNAME=box',
      'TERM=xterm',
    ]);
  });

  it('keeps = in values and takes the last of equals', () => {
    expect(mergeEnv(['A=1'], ['A=b=c', 'A=d=e'])).toEqual(['A=d=e']);
  });
});

describe('the rest', () => {
  const sh = { Cmd: ['sh'] };

  it("is the image's where the user says nothing", () => {
    const image = { ...sh, User: 'www', WorkingDir: '/srv', StopSignal: 'SIGQUIT', Labels: { a: 'b' } };
    const config = plan({}, image);
    expect(config.process).toMatchObject({ user: 'www', cwd: '/srv', terminal: false, stdin: false });
    expect(config.image).toMatchObject({
      stopSignal: 'SIGQUIT',
      labels: { a: 'b' },
      platform: 'linux/amd64',
    });
    expect(plan({ user: '', workdir: '/x' }, image).process).toMatchObject({ user: '', cwd: '/x' });
    expect(plan({}, sh).process).toMatchObject({ user: '', cwd: '/' });
  });

  it("has docker's fourteen capabilities", () => {
    expect(plan({}, sh).process.capabilities).toHaveLength(14);
  });

  it('is named after the ID, or after the host on its network', () => {
    expect(plan({}, sh).hostname).toBe('0123456789ab');
    expect(plan({ networks: [{ network: 'host' }] }, sh).hostname).toBe('host');
    expect(plan({ networks: [{ network: 'host' }], hostname: 'box' }, sh).hostname).toBe('box');
  });

  it.each(['', 'a b', 'a\nb', '-a', 'a/b', 'x'.repeat(65)])('refuses the hostname %j', (hostname) => {
    expect(() => plan({ hostname }, sh)).toThrow('invalid hostname');
  });

  it('refuses a directory that is not absolute', () => {
    expect(() => plan({ workdir: 'srv' }, sh)).toThrow('"srv" is not absolute');
  });

  const bind = (destination: string) => ({ source: '/s', destination, readonly: false, recursive: true });

  it.each(['/', '/proc', '/proc/self', '/proc/sys/kernel'])('refuses a mount on %s', (destination) => {
    expect(() => plan({ binds: [bind(destination)] }, sh)).toThrow(
      `nothing may be mounted on ${destination}`,
    );
  });

  it('accepts other mounts, each once', () => {
    expect(plan({ binds: [bind('/data'), bind('/proc/meminfo')] }, sh).binds).toHaveLength(2);
    expect(() => plan({ binds: [bind('/data'), bind('/data')] }, sh)).toThrow('duplicate mount point: /data');
  });
});

describe('exec', () => {
  const config = plan({ env: ['A=1'], user: 'www', workdir: '/srv' }, { Cmd: ['sh'] });

  it('takes over what it is not told', () => {
    expect(planExec(config, ['ls'], {})).toEqual({ ...config.process, args: ['ls'] });
  });

  it('is told', () => {
    const told = planExec(config, ['ls'], {
      env: ['A=2', 'B=3'],
      user: '0',
      workdir: '/tmp',
      terminal: true,
      stdin: true,
      size: { rows: 1, columns: 2 },
    });
    expect(told).toMatchObject({
      user: '0',
      cwd: '/tmp',
      terminal: true,
      stdin: true,
      size: { rows: 1, columns: 2 },
    });
    expect(told.env).toEqual(expect.arrayContaining(['TERM=xterm', 'A=2', 'B=3', 'HOSTNAME=0123456789ab']));
  });

  it('outlives gocker and has other capabilities only when asked', () => {
    const capabilities = ['CAP_SYS_ADMIN'];
    expect(planExec(config, ['ls'], { outlives: true, capabilities })).toEqual({
      ...config.process,
      args: ['ls'],
      outlives: true,
      capabilities,
    });
    expect(planExec(config, ['ls'], { outlives: false })).not.toHaveProperty('outlives');
  });
});

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestRegistry } from '../fixtures/registry.ts';
import { startRegistry } from '../fixtures/registry.ts';
import type { PrivateRegistry } from './ground/private-registry.ts';
import { PASSWORD, startPrivateRegistry, USER } from './ground/private-registry.ts';
import { image, integration, useGocker } from './helpers.ts';
import { openTerminal } from './terminal.ts';

integration('logging in', () => {
  const gocker = useGocker();
  let there: PrivateRegistry;
  let scripted: TestRegistry;
  beforeAll(async () => {
    there = await startPrivateRegistry();
    await there.copy(image('busybox:1'), 'team/busybox:1');
    scripted = await startRegistry({ access: { scheme: 'bearer', username: USER, password: PASSWORD } });
  });
  afterAll(async () => {
    await there.stop();
    await scripted.close();
  });

  const home = () => gocker.env.HOME!;
  const said: string[] = [];
  async function run(args: string[], input?: string) {
    const options = { env: { GOCKER_DEBUG: '1' }, ...(input !== undefined && { input }) };
    const result = await gocker(args, options);
    said.push(result.stdout, result.stderr);
    return result;
  }

  test('an authority that is not known: the error says who, and where its certificate belongs', async () => {
    const { code, stderr } = await run(
      ['login', '-u', USER, '--password-stdin', `https://${there.host}`],
      PASSWORD,
    );
    expect(code).toBe(1);
    expect(stderr).toContain(
      `the certificate of ${there.host} is not trusted: it was issued by "Private Authority"`,
    );
    expect(stderr).toContain(`/etc/docker/certs.d/${there.host}/ca.crt`);
    const certs = join(home(), '.config/containers/certs.d', there.host);
    mkdirSync(certs, { recursive: true });
    writeFileSync(join(certs, 'ca.crt'), there.authority);
  });

  test('without a login the error says how to log in', async () => {
    const { code, stderr } = await run(['pull', `https://${there.host}/team/busybox:1`]);
    expect(code).toBe(1);
    expect(stderr).toContain('to a reader without login');
    expect(stderr).toContain(`gocker login ${there.host}`);
  });

  test('a wrong password is not kept', async () => {
    const { code, stderr } = await run(
      ['login', '-u', USER, '--password-stdin', `https://${there.host}`],
      'wrong',
    );
    expect(code).toBe(1);
    expect(stderr).toContain(`${there.host} refused the login of me`);
    expect(readdirSync(home())).not.toContain('.docker');
  });

  test('the right one is, and pulls use it', async () => {
    const login = await run(
      ['login', '-u', USER, '--password-stdin', `https://${there.host}`],
      `${PASSWORD}\n`,
    );
    expect(login).toMatchObject({ code: 0, stdout: 'Login Succeeded\n' });
    expect(login.stderr).toContain(join(home(), '.docker/config.json'));
    const pull = await run(['pull', '-q', `https://${there.host}/team/busybox:1`]);
    expect(pull).toMatchObject({ code: 0 });
  });

  test('by terminal: what is typed is not shown', async () => {
    const terminal = openTerminal(gocker, ['login', scripted.host]);
    try {
      await terminal.waitFor(/Username:/);
      terminal.type(`${USER}\r`);
      await terminal.waitFor(/^Username: me\nPassword:/);
      terminal.type(`${PASSWORD}\r`);
      await terminal.waitFor(/Login Succeeded/);
      expect(terminal.screen()).not.toContain('SESAME');
      expect(await terminal.exitCode()).toBe(0);
    } finally {
      terminal.close();
    }
  });

  test('by terminal: Ctrl-C ends it', async () => {
    const terminal = openTerminal(gocker, ['login', '-u', USER, scripted.host]);
    try {
      await terminal.waitFor(/Password:/);
      terminal.press('C-c');
      expect(await terminal.exitCode()).toBe(130);
    } finally {
      terminal.close();
    }
  });

  test('a password on the command line is warned of, and soon gone from there', async () => {
    scripted.misbehave('/v2/', { stallAfter: -1, times: 1 });
    const running = gocker.start(['login', '-u', USER, '-p', PASSWORD, scripted.host], { timeoutMs: 10_000 });
    const line = () => readFileSync(`/proc/${running.child.pid}/cmdline`, 'latin1');
    await expect.poll(() => running.output().stderr).toContain('--password-stdin');
    expect(line()).toContain('gocker login');
    expect(line()).not.toContain('SESAME');
    running.child.kill();
    await running.ended;
  });

  test('logging out forgets', async () => {
    expect((await run(['logout', there.host])).stdout).toBe(`Removed the login of ${there.host}\n`);
    expect((await run(['logout', there.host])).stdout).toBe(`Not logged in to ${there.host}\n`);
    expect((await run(['pull', `https://${there.host}/team/busybox:1`])).code).toBe(1);
    expect(readFileSync(join(home(), '.docker/config.json'), 'utf8')).toContain(scripted.host);
  });

  test('nothing that was printed holds the password', () => {
    const encoded = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
    expect(said.join('')).not.toContain('SESAME');
    expect(said.join('')).not.toContain(encoded);
  });
});

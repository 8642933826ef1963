import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRegistry as startScripted, type TestRegistry } from '../fixtures/registry.ts';
import { PASSWORD, type PrivateRegistry, startPrivateRegistry, USER } from './ground/private-registry.ts';
import { image, integration, useGocker } from './helpers.ts';

integration('pushing with a login', () => {
  const gocker = useGocker();
  let there: PrivateRegistry;
  let scripted: TestRegistry;
  beforeAll(async () => {
    there = await startPrivateRegistry();
    scripted = await startScripted({ access: { scheme: 'bearer', username: USER, password: PASSWORD } });
    await gocker(['pull', '-q', image('busybox:1')]);
  });
  afterAll(async () => {
    await there.stop();
    await scripted.close();
  });

  test('without one the error says how to log in', async () => {
    const name = `${scripted.host}/team/busybox:1`;
    await gocker(['tag', image('busybox:1'), name]);
    const { code, stderr, stdout } = await gocker(['push', name]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`gocker login ${scripted.host}`);
  });

  test('with one it goes, over TLS and with tokens', async () => {
    const certs = join(gocker.env.HOME!, '.config/containers/certs.d', there.host);
    mkdirSync(certs, { recursive: true });
    writeFileSync(join(certs, 'ca.crt'), there.authority);
    const inspect = [
      'inspect',
      '--tls-verify=false',
      '--format',
      '{{.Digest}}',
      `docker://${image('busybox:1')}`,
    ];
    const digest = execFileSync('skopeo', inspect, { encoding: 'utf8' }).trim();
    for (const host of [`https://${there.host}`, scripted.host]) {
      const login = await gocker(['login', '-u', USER, '--password-stdin', host], { input: PASSWORD });
      expect(login).toMatchObject({ code: 0 });
      const name = `${host}/team/busybox:1`;
      await gocker(['tag', image('busybox:1'), name]);
      const pushed = await gocker(['push', name]);
      expect(pushed).toMatchObject({ code: 0, stdout: expect.stringContaining(digest) });
    }
  });

  test('one that is slow ends at once with Ctrl-C, and leaves the image as it was', async () => {
    const stuck = await startScripted();
    stuck.uploads.rules.stalls = 1;
    const name = `${stuck.host}/team/busybox:1`;
    await gocker(['pull', '-q', image('busybox:1')]);
    await gocker(['tag', image('busybox:1'), name]);
    const running = gocker.start(['push', name]);
    await expect.poll(() => stuck.uploads.received()).toBeGreaterThan(0);
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    expect((await gocker(['images', '-q', name])).stdout).toMatch(/^[0-9a-f]{12}\n$/);
    await stuck.close();
  });
});

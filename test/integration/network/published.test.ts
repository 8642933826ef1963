/** `gocker run -p` from the command line, on a host of the test's own. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HOST, makeTopology, type Topology } from '../../fixtures/network/topology.ts';
import { GOCKER, image, integration, useGocker } from '../helpers.ts';

integration('published ports of containers', () => {
  const { env } = useGocker();
  let topology: Topology;
  let pristine: string;

  /** gocker on the host of the topology; its exit code is told like everything else. */
  const gocker = async (...args: string[]) => {
    const command = [`--net=${topology.hostNetns}`, process.execPath, GOCKER, ...args];
    const ended = promisify(execFile)('nsenter', command, { env, timeout: 60_000 });
    return await ended.then(
      (said) => ({ code: 0, ...said }),
      (error) => ({
        code: error.code as number,
        stdout: error.stdout as string,
        stderr: error.stderr as string,
      }),
    );
  };
  const SERVER = 'while true; do echo served | busybox nc -l -p 80; done';
  const start = (name: string, ...options: string[]) =>
    gocker('run', '-d', '--name', name, ...options, image('busybox:1'), 'sh', '-c', SERVER);
  const ask = (port: number) => topology.outside.call<string>('tcp', { host: HOST.ipv4, port });

  beforeAll(async () => {
    topology = await makeTopology();
    await promisify(execFile)(process.execPath, [GOCKER, 'pull', '-q', image('busybox:1')], { env });
    pristine = topology.rules();
  });
  afterAll(async () => {
    const ids = (await gocker('ps', '-aq')).stdout.split('\n').filter(Boolean);
    if (ids.length > 0) await gocker('rm', '-f', ...ids);
    await gocker('network', 'prune', '-f');
    const links = topology.run('host', 'ip', '-br', 'link');
    const rules = topology.rules();
    await topology.remove();
    expect(rules).toBe(pristine);
    expect(links).not.toMatch(/gocker0|gk-/);
  });

  it('are reached, listed, held while it runs and free when it has stopped', async () => {
    expect(await start('web', '-p', '8080:80', '-p', '81')).toMatchObject({ code: 0 });
    await expect.poll(() => ask(8080), { timeout: 10_000 }).toBe('served\n');
    const { stdout } = await gocker('port', 'web');
    expect(stdout).toMatch(/80\/tcp -> 0\.0\.0\.0:8080/);
    const chosen = Number(/81\/tcp -> 0\.0\.0\.0:(\d+)/.exec(stdout)?.[1]);
    expect(chosen).toBeGreaterThanOrEqual(32768);
    await expect(topology.host.call('serve', 'program', 8080)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(await start('other', '-p', '8080:80')).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('port is already allocated by container web'),
    });
    await gocker('rm', '-f', 'other');
    await gocker('stop', '-t', '0', 'web');
    expect(await ask(8080)).toBe('ECONNREFUSED');
    expect(await gocker('run', '--rm', '-p', '8080:80', image('busybox:1'), 'true')).toMatchObject({
      code: 0,
    });
    await gocker('start', 'web');
    await expect.poll(() => ask(8080), { timeout: 10_000 }).toBe('served\n');
  });

  it('come back with any start after the rules were flushed', async () => {
    await expect.poll(() => ask(8080), { timeout: 10_000 }).toBe('served\n');
    topology.run('host', 'nft', 'flush', 'ruleset');
    expect(await ask(8080)).toBe('ECONNREFUSED');
    expect(await gocker('run', '--rm', image('busybox:1'), 'true')).toMatchObject({ code: 0 });
    await expect.poll(() => ask(8080), { timeout: 10_000 }).toBe('served\n');
  });

  it('are given back by the next command when the monitor and its container were killed', async () => {
    const [{ State }] = JSON.parse((await gocker('inspect', 'web')).stdout);
    const monitor = topology
      .run('host', 'pgrep', '-f', `monitor.cjs ${(await gocker('ps', '-q', '--no-trunc')).stdout.trim()}`)
      .trim();
    for (const pid of [monitor, State.Pid]) process.kill(Number(pid), 'SIGKILL');
    expect(await gocker('run', '--rm', '-p', '8080:80', image('busybox:1'), 'true')).toMatchObject({
      code: 0,
    });
    expect((await gocker('ps', '-a')).stdout).toMatch(/Exited .* web/);
    expect(await ask(8080)).toBe('ECONNREFUSED');
    await gocker('rm', 'web');
    expect(topology.rules()).not.toContain('8080');
  });

  it('of a host whose firewall drops what is forwarded: the remedy is told, also to who does not wait', async () => {
    await gocker('network', 'prune', '-f');
    topology.run('host', 'nft', 'flush', 'ruleset');
    topology.run(
      'host',
      'nft',
      'table inet fw { chain fwd_in { type filter hook forward priority 0; policy drop; }; }',
    );
    const { stderr } = await start('web', '-p', '8080:80');
    expect(stderr).toContain('nft insert rule inet fw fwd_in iifname gocker0 accept');
    topology.run('host', 'nft', 'delete table inet fw');
    await expect.poll(() => ask(8080), { timeout: 10_000 }).toBe('served\n');
  });
});

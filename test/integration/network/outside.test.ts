/** gocker on a host with a neighbour that plays the internet: what goes out and in, and that nothing stays behind. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  HOST,
  makeNamesPlace,
  makeTopology,
  OUTSIDE,
  type Topology,
} from '../../fixtures/network/topology.ts';
import { GOCKER, ground, image, integration, useGocker } from '../helpers.ts';

const execute = promisify(execFile);

/** A shell line that asks a server over HTTP; busybox's wget, when static, ends in a crash. */
function request(host: string, port: number): string {
  return `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 3 ${host} ${port}`;
}

integration('containers, their host and what is outside', () => {
  // Before gocker's leaks are looked for, and until after that: it is none of them.
  if (ground().reason === '') afterAll(makeNamesPlace());
  const { env } = useGocker();
  const BUSYBOX = image('busybox:1');
  let topology: Topology;
  let before: unknown[];

  /** A gocker that works in the host's namespace; its stdout. */
  const onHost = async (...args: string[]) => {
    const command = [`--net=${topology.path('host')}`, process.execPath, GOCKER, ...args];
    return (await execute('nsenter', command, { env })).stdout;
  };
  /** A link has its own address a moment after it is up. */
  const settled = (text: string) => text.split('\n').filter((line) => !line.includes('fe80::'));
  const state = () => [
    topology.rules(),
    settled(topology.run('host', 'ip', '-o', 'address')),
    settled(topology.run('host', 'ip', 'route', 'show', 'table', 'all')),
    topology.run('host', 'sh', '-c', 'cd /proc/sys/net; cat ipv4/ip_forward ipv?/conf/all/forwarding'),
    topology.run('host', 'cat', '/proc/sys/net/ipv4/conf/all/route_localnet'),
  ];
  const fetchFrom = (place: string, url: string) => {
    const script = `fetch(${JSON.stringify(url)}, {signal: AbortSignal.timeout(3000)}).then((r) => r.text()).then((t) => process.stdout.write(t), () => process.stdout.write('nothing'))`;
    return topology.run(place, process.execPath, '-e', script);
  };
  const server = (name: string, ...options: string[]) => {
    const line = `echo ${name} > /index.html; exec httpd -f -p 80`;
    return onHost('run', '-d', '--name', name, ...options, BUSYBOX, 'sh', '-c', line);
  };
  const inside = (name: string, line: string) => onHost('exec', name, 'sh', '-c', `${line} || true`);
  const address = async (name: string) =>
    (await onHost('inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', name)).trim();

  beforeAll(async () => {
    topology = await makeTopology();
    // The image comes from a registry on this machine's own loopback.
    await execute(process.execPath, [GOCKER, 'pull', '-q', BUSYBOX], { env });
    before = state();
    await topology.outside.call('serve', 'internet', 80);
    await onHost('network', 'create', 'front');
    await onHost('network', 'create', '--internal', 'vault');
    await server('web', '-p', '8080:80', '-p', '127.0.0.1:8081:80');
    await server('named', '--network', 'front', '-p', `${HOST.ipv4}:8082:80`);
    await server('hidden', '--network', 'vault');
  });
  afterAll(() => topology.remove());

  test('a container reaches the internet, which sees the host; one on an internal network does not', async () => {
    const ask = `nc -w 3 ${OUTSIDE.ipv4} 80 < /dev/null`;
    expect(await inside('web', ask)).toContain(`internet ${HOST.ipv4}`);
    expect(await inside('named', ask)).toContain(`internet ${HOST.ipv4}`);
    expect(await inside('hidden', ask)).not.toContain('internet');
  });

  test('a published port is reached from outside, from the host and from another container', async () => {
    expect(fetchFrom('outside', `http://${HOST.ipv4}:8080/`)).toBe('web\n');
    expect(fetchFrom('outside', `http://${HOST.ipv4}:8082/`)).toBe('named\n');
    expect(fetchFrom('host', `http://${HOST.ipv4}:8080/`)).toBe('web\n');
    expect(fetchFrom('host', 'http://127.0.0.1:8080/')).toBe('web\n');
    expect(fetchFrom('host', 'http://127.0.0.1:8081/')).toBe('web\n');
    expect(await inside('named', request(HOST.ipv4, 8080))).toMatch(/\nweb\n$/);
  });

  test('what is not published is not reached from outside, nor what is so on loopback alone', async () => {
    const web = await address('web');
    topology.run('outside', 'ip', 'route', 'add', web, 'via', HOST.ipv4);
    expect(fetchFrom('outside', `http://${web}/`)).toBe('nothing');
    expect(fetchFrom('outside', `http://${HOST.ipv4}:8081/`)).toBe('nothing');
    expect(await inside('named', request(web, 80))).toBe('');
    expect(fetchFrom('host', `http://${web}/`)).toBe('web\n');
  });

  test('when all is removed the host is as it was', async () => {
    await onHost('rm', '-f', 'web', 'named', 'hidden');
    await onHost('network', 'rm', 'front', 'vault');
    await onHost('network', 'prune', '-f');
    expect(state()).toEqual(before);
    expect(await onHost('ps', '-aq')).toBe('');
  });
});

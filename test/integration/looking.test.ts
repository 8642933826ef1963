import { beforeAll, expect, test } from 'vitest';
import { image, integration, useGocker } from './helpers.ts';

/** What shows containers and images, and the forms in which it is printed. */
integration('looking at containers', () => {
  const gocker = useGocker();
  const BUSYBOX = image('busybox:1');
  const names = async (...args: string[]) =>
    (await gocker(['ps', ...args, '--format', '{{.Names}}'])).stdout.split('\n').filter(Boolean);

  beforeAll(async () => {
    await gocker(['pull', '-q', BUSYBOX]);
    await gocker([
      'run',
      '--name',
      'first',
      '-l',
      'tier=front',
      BUSYBOX,
      'sh',
      '-c',
      'echo hello > /f; exit 3',
    ]);
    await gocker([
      'run',
      '--name',
      'second',
      '--tmpfs',
      '/tmp:size=1m',
      '--cap-add=NET_ADMIN',
      '-m',
      '64m',
      BUSYBOX,
      'true',
    ]);
  });

  test('ps filters', async () => {
    expect(await names('-a', '--filter', 'exited=3')).toEqual(['first']);
    expect(await names('--filter', 'status=exited')).toEqual(['second', 'first']);
    expect(await names('-a', '--filter', 'label=tier=front')).toEqual(['first']);
    expect(await names('-a', '--filter', 'since=first')).toEqual(['second']);
    expect(await names('-a', '-f', 'before=second')).toEqual(['first']);
    expect(await names('-a', '--filter', `ancestor=${BUSYBOX}`)).toHaveLength(2);
    expect(await names('--filter', 'name=first')).toEqual([]);
    const refused = await gocker(['ps', '--filter', 'colour=red']);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('invalid filter "colour=red"'),
    ]);
  });

  test('ps shows sizes when asked', async () => {
    const [first] = JSON.parse((await gocker(['ps', '-as', '--filter', 'name=first', '--json'])).stdout);
    expect(first).toMatchObject({ Names: ['first'], ExitCode: 3, SizeRw: 6, Labels: { tier: 'front' } });
    expect(first.SizeRootFs).toBeGreaterThan(1_000_000);
    expect((await gocker(['ps', '-as'])).stdout).toMatch(/NAMES +SIZE\n.*0B \(virtual .*\n.*6B \(virtual /);
  });

  test('--json is an array with typed fields everywhere', async () => {
    const json = async (...args: string[]) => JSON.parse((await gocker([...args, '--json'])).stdout);
    expect(await json('ps')).toEqual([]);
    expect(await json('images')).toEqual([expect.objectContaining({ Size: expect.any(Number), Tag: '1' })]);
    expect(await json('version')).toEqual([{ Client: expect.objectContaining({ Os: 'linux' }) }]);
    expect(await json('info')).toEqual([
      expect.objectContaining({ Containers: 2, MemTotal: expect.any(Number) }),
    ]);
    expect(await json('inspect', 'first')).toEqual([expect.objectContaining({ Name: '/first' })]);
    const lines = (await gocker(['ps', '-a', '--format', 'json'])).stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).Names)).toEqual(['second', 'first']);
  });

  test('inspect finds containers and images, with docker’s keys', async () => {
    const [first, base] = JSON.parse((await gocker(['inspect', 'first', BUSYBOX])).stdout);
    expect(first).toMatchObject({
      Path: 'sh',
      State: { Status: 'exited', ExitCode: 3, Paused: false },
      HostConfig: { ShmSize: 67108864, CapAdd: null, ReadonlyRootfs: false, PidMode: '' },
      Config: { Labels: { tier: 'front' } },
      NetworkSettings: { IPAddress: '', Ports: {} },
    });
    expect(base).toMatchObject({ RepoTags: [BUSYBOX], Os: 'linux' });
    const [second] = JSON.parse((await gocker(['inspect', '--size', 'second'])).stdout);
    expect(second).toMatchObject({
      SizeRw: expect.any(Number),
      HostConfig: { Tmpfs: { '/tmp': 'size=1m' }, CapAdd: ['NET_ADMIN'], Memory: 67108864 },
    });
    const format = '{{.Name}}{{range .Config.Cmd}} {{.}}{{end}} {{if .State.Running}}up{{else}}down{{end}}';
    expect((await gocker(['inspect', '-f', format, 'second'])).stdout).toBe('/second true down\n');
  });

  test('inspect says what is not there', async () => {
    expect(await gocker(['inspect', 'nosuch'])).toMatchObject({
      code: 1,
      stdout: '[]\n',
      stderr: expect.stringContaining('No such object'),
    });
    expect((await gocker(['inspect', '--type=image', 'first'])).code).toBe(1);
    expect((await gocker(['inspect', '--type=container', 'first'])).code).toBe(0);
    expect((await gocker(['inspect', '--type=sofa', 'first'])).stderr).toContain('unknown type "sofa"');
  });

  test('diff and port', async () => {
    const script = 'echo x > /new; rm /bin/ls; mkdir -p /d/e; echo y >> /etc/own; ln -s /x /d/l';
    await gocker(['run', '--name', 'changed', BUSYBOX, 'sh', '-c', script]);
    const { stdout } = await gocker(['diff', 'changed']);
    expect(stdout.split('\n').filter((line) => !line.endsWith('/etc'))).toEqual([
      'C /bin',
      'D /bin/ls',
      'A /d',
      'A /d/e',
      'A /d/l',
      'A /etc/own',
      'A /new',
      '',
    ]);
    expect((await gocker(['diff', 'second'])).stdout).toBe('');
    expect(await gocker(['port', 'second'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await gocker(['port', 'second', '80'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("'80'"),
    });
    expect((await gocker(['diff', 'nosuch'])).code).toBe(1);
  });
});

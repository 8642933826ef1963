/** Archives that become images: out of pipes and from addresses, with changes. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { integration, useGocker } from './helpers.ts';

integration('import', () => {
  const gocker = useGocker();
  let work = '';
  let archive = Buffer.alloc(0);
  let server: Server;
  let address = '';
  const asked: (string | undefined)[] = [];

  beforeAll(async () => {
    work = mkdtempSync(join(gocker.env.HOME!, 'work-'));
    mkdirSync(join(work, 'root/bin'), { recursive: true });
    execFileSync('cp', ['/bin/busybox', join(work, 'root/bin/busybox')]);
    execFileSync('tar', ['-cf', 'root.tar', '-C', 'root', '.'], { cwd: work });
    archive = readFileSync(join(work, 'root.tar'));
    server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      if (request.url === '/moved') response.writeHead(302, { location: '/root.tar.gz' }).end();
      else if (request.url === '/root.tar.gz') response.end(gzipSync(archive));
      else if (request.url === '/short')
        response.writeHead(200, { 'content-length': '99999999' }).end(archive);
      else response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());

  const inspect = async (name: string) =>
    JSON.parse((await gocker(['image', 'inspect', name])).stdout)[0] as Record<string, unknown>;

  test('takes a pipe, changes and a message, and prints the ID', async () => {
    const changes = [
      '-c',
      'CMD ["busybox", "echo", "hello"]',
      '--change',
      'ENV A=1 B=$A',
      '-c',
      'USER 5:6\nWORKDIR /x',
    ];
    const made = await gocker(['import', ...changes, '-m', 'why', '-', 'piped:1'], { input: archive });
    expect(made).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^sha256:[0-9a-f]{64}\n$/),
    });
    expect(await inspect('piped:1')).toMatchObject({
      Id: made.stdout.trim(),
      Comment: 'why',
      Os: 'linux',
      Config: { Cmd: ['busybox', 'echo', 'hello'], User: '5:6', WorkingDir: '/x' },
    });
    expect(await gocker(['run', '--rm', '-e', 'PATH=/bin', 'piped:1'])).toMatchObject({
      code: 0,
      stdout: 'hello\n',
    });
  });

  test('without a name the image has none; it may be for another platform', async () => {
    const made = await gocker(['image', 'import', '--platform', 'linux/arm/v7', 'root.tar'], { cwd: work });
    expect(await inspect(made.stdout.trim())).toMatchObject({
      RepoTags: [],
      Architecture: 'arm',
      Variant: 'v7',
      Comment: 'Imported from root.tar',
    });
  });

  test('takes an address, follows it, and sends a login to that server alone', async () => {
    expect(await gocker(['import', `http://me:secret@${address}/moved`, 'fetched:1'])).toMatchObject({
      code: 0,
    });
    const { Layers, Comment } = await inspect('fetched:1');
    expect(Layers).toMatchObject([{ MediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' }]);
    expect(Comment).toBe(`Imported from http://${address}/moved`);
    expect(asked).toEqual(Array(2).fill(`Basic ${Buffer.from('me:secret').toString('base64')}`));
  });

  test.each([
    ['nosuch', /root|nosuch: the server answered 404/],
    ['short', /cannot import .*short/],
  ])('says what is wrong with an address: %s', async (path, said) => {
    const failed = await gocker(['import', `http://me:secret@${address}/${path}`, 'no:1']);
    expect(failed).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(said) });
    expect(failed.stderr).not.toContain('secret');
  });

  test.each([
    [['-', 'no:1'], '', 'it is empty'],
    [['-', 'no:1'], 'x'.repeat(5000), 'cannot import standard input'],
    [['nosuch.tar'], '', 'there is no "nosuch.tar"'],
    [['-c', 'RUN x', 'root.tar'], '', 'cannot change the image by "RUN x"'],
    [['root.tar', 'NO:1'], '', 'names are lower case'],
    [['--platform', 'a b', 'root.tar'], '', 'invalid platform'],
  ])('refuses %j', async (args, input, said) => {
    const failed = await gocker(['import', ...args], { cwd: work, input });
    expect(failed).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(said) });
    expect(readdirSync(join(gocker.root, 'ingest'))).toEqual([]);
  });
});

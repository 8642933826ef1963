import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { listSnapshot } from '../../fixtures/mounted.ts';
import { type Registry, startRegistry } from '../ground/registry.ts';
import { image, integration, useGocker } from '../helpers.ts';

const ID = /^sha256:[0-9a-f]{64}$/;

integration('commit and fork', () => {
  const gocker = useGocker();
  const busybox = image('busybox:1');
  let registry: Registry;
  beforeAll(async () => {
    registry = await startRegistry();
    await done('pull', '-q', busybox);
  });
  afterAll(() => registry.stop());
  beforeEach(async () => {
    const ids = (await done('ps', '-aq')).split('\n').filter(Boolean);
    if (ids.length > 0) await done('rm', '-f', ...ids);
  });

  async function done(...args: string[]): Promise<string> {
    const result = await gocker(args);
    expect(result, `gocker ${args.join(' ')}`).toMatchObject({ code: 0 });
    return result.stdout.trim();
  }
  const ran = (name: string, script: string, ...flags: string[]) =>
    done('run', '--network', 'none', '--name', name, ...flags, busybox, 'sh', '-c', script);
  const inspected = async (text: string) => JSON.parse(await done('image', 'inspect', text))[0];
  const snapshots = () => readdirSync(join(gocker.root, 'storage/overlayfs/names')).length;

  test('an image says what the container, the flags and the changes say', async () => {
    await ran('cc', 'exit 0', '-e', 'MODE=a b', '-w', '/tmp', '-u', '5:6', '-l', 'of=user');
    const changes = ['-c', 'CMD ["cat", "/etc/passwd"]', '-c', 'ENV MORE=$MODE!', '--change', 'EXPOSE 80'];
    const id = await done(
      'commit',
      '-a',
      'me <me@example.com>',
      '-m',
      'all is well',
      ...changes,
      'cc',
      'said:1',
    );
    expect(id).toMatch(ID);
    const { Config, Author, Id, RepoTags } = await inspected('said:1');
    expect({ Author, Id, RepoTags }).toEqual({ Author: 'me <me@example.com>', Id: id, RepoTags: ['said:1'] });
    expect(Config).toMatchObject({
      Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'MODE=a b', 'MORE=a b!'],
      Cmd: ['cat', '/etc/passwd'],
      WorkingDir: '/tmp',
      User: '5:6',
      ExposedPorts: { '80/tcp': {} },
      Labels: expect.objectContaining({ of: 'user' }),
    });
    expect(await done('run', '--rm', '--network', 'none', 'said:1')).toMatch(/^root:/);
  });

  test('the container goes on as it was, and what it does later is not in the image', async () => {
    await ran('cc', 'echo one > /one; rm -rf /etc/passwd; mkdir -p /root/new');
    const before = await done('diff', 'cc');
    const id = await done('commit', 'cc');
    expect(await done('diff', 'cc')).toBe(before);
    await done('start', '-a', 'cc');
    expect(await done('diff', 'cc')).toBe(before);
    await done('cp', '/etc/hostname', 'cc:/two');
    const second = await done('commit', 'cc', 'second');
    expect(
      await done(
        'run',
        '--rm',
        '--network',
        'none',
        id,
        'sh',
        '-c',
        'cat /one; ls -d /two /etc/passwd 2>&1 || true',
      ),
    ).toBe('one\nls: /two: No such file or directory\nls: /etc/passwd: No such file or directory');
    expect(
      await done(
        'run',
        '--rm',
        '--network',
        'none',
        second,
        'sh',
        '-c',
        'cat /one; ls -d /two /etc/passwd 2>&1 || true',
      ),
    ).toBe('one\nls: /etc/passwd: No such file or directory\n/two');
    expect(
      await done('run', '--rm', '--network', 'none', busybox, 'ls', '/one', '/etc/passwd').catch(
        () => 'refused',
      ),
    ).toBe('refused');
    await done('rm', 'cc');
    await done('rmi', id, 'second');
  });

  test('an image needs no digests until it travels; then its ID changes, and the old one goes on to name it', async () => {
    await ran('cc', 'echo x > /file; mknod /null c 1 3');
    const container = await done('ps', '-aq', '--no-trunc');
    const old = await done('commit', 'cc', `${registry.host}/team/travels:1`);
    const tree = await listSnapshot(gocker.root, container);
    await done('tag', old, 'local:name');
    const pushed = await gocker(['push', `${registry.host}/team/travels:1`]);
    expect(pushed).toMatchObject({ code: 0, stderr: expect.stringContaining('Packing layer 2 of 2') });
    const { Id, RepoTags } = await inspected(old);
    expect(Id).toMatch(ID);
    expect(Id).not.toBe(old);
    expect(RepoTags).toEqual([`${registry.host}/team/travels:1`, 'local:name']);
    expect(await done('run', '--rm', '--network', 'none', old.slice(7, 19), 'cat', '/file')).toBe('x');
    const again = await gocker(['push', `${registry.host}/team/travels:1`]);
    expect(again.stderr).not.toContain('Packing');
    const remote = JSON.parse(
      execFileSync(
        'skopeo',
        ['inspect', '--tls-verify=false', '--config', `docker://${registry.host}/team/travels:1`],
        { encoding: 'utf8' },
      ),
    );
    expect(remote.rootfs.diff_ids).toEqual((await inspected(Id)).RootFS.Layers);
    await done('rm', 'cc');
    await done('rmi', '-f', old);
    await done('pull', '-q', `${registry.host}/team/travels:1`);
    expect((await inspected(`${registry.host}/team/travels:1`)).Id).toBe(Id);
    const made = await done('create', `${registry.host}/team/travels:1`);
    expect(await listSnapshot(gocker.root, made)).toEqual(tree);
  });

  test('of a container that runs the files are copied, and it goes on', async () => {
    await done(
      'run',
      '-d',
      '--name',
      'busy',
      busybox,
      'sh',
      '-c',
      'echo x > /file; ln /file /link; sleep 1000',
    );
    await done('exec', 'busy', 'sh', '-c', 'mkdir /d; echo 1 > /d/f; rm -r /root');
    const id = await done('commit', 'busy', 'copied:1');
    await done('exec', 'busy', 'sh', '-c', 'echo later >> /file');
    expect(
      await done(
        'run',
        '--rm',
        id,
        'sh',
        '-c',
        'cat /file /link /d/f; stat -c %h /link; ls -d /root 2>&1 || true',
      ),
    ).toBe('x\nx\n1\n2\nls: /root: No such file or directory');
    expect(await done('ps', '--format', '{{.Names}} {{.State}}')).toBe('busy running');
    await done('pause', 'busy');
    await done('commit', 'busy', 'copied:2');
    expect(await done('ps', '--format', '{{.Names}} {{.State}}')).toBe('busy paused');
    await done('unpause', 'busy');
    await done('commit', '--pause=false', 'busy', 'copied:3');
    expect(await done('run', '--rm', '--network', 'none', 'copied:3', 'cat', '/link')).toBe('x\nlater');
  });

  test('forks share what is there, and each goes its own way', async () => {
    await ran('cc', 'echo base > /file; rm /etc/passwd; cat /proc/sys/kernel/hostname > /host');
    const count = snapshots();
    const ids = (await done('fork', '--times', '3', '--name', 'new', 'cc')).split('\n');
    expect(ids).toHaveLength(3);
    expect(snapshots()).toBe(count + 4);
    expect(await done('ps', '-a', '--format', '{{.Names}} {{.State}}')).toBe(
      ['new-3 created', 'new-2 created', 'new-1 created', 'cc exited'].join('\n'),
    );
    await done('cp', '/etc/hostname', 'new-1:/mine');
    expect(await done('diff', 'new-1')).toContain('A /mine');
    expect(await done('diff', 'new-2')).toBe(await done('diff', 'cc'));
    await done('start', '-a', 'new-2');
    expect(await done('inspect', '-f', '{{.Config.Hostname}}', 'new-2')).toBe(ids[1]!.slice(0, 12));
    await done('rm', 'cc', 'new-1');
    const image = await done('commit', 'new-3', 'of-fork');
    expect(await done('run', '--rm', '--network', 'none', image, 'cat', '/file')).toBe('base');
    await done('rm', 'new-2', 'new-3');
    await done('rmi', 'of-fork');
    expect(snapshots()).toBe(count - 1);
  });

  test('commits, forks, removals at once leave each whole image or none', async () => {
    await ran('cc', 'echo kept > /file');
    const before = (await done('images', '-q', '--no-trunc')).split('\n');
    await done('commit', 'cc', 'first:1');
    const commands = [
      ['commit', 'cc', 'many:1'],
      ['commit', 'cc', 'many:2'],
      ['commit', 'cc'],
      ['fork', '--name', 'forked', 'cc'],
      ['rmi', 'first:1'],
      ['image', 'prune', '-f'],
      ['save', '-o', join(gocker.env.HOME!, 'first.tar'), 'first:1'],
      ['rm', 'cc'],
    ];
    const results = await Promise.all(commands.map((args) => gocker(args)));
    for (const { stderr } of results) expect(stderr).not.toContain('unexpected error');
    for (const [at, { code, stderr }] of results.slice(0, 4).entries()) {
      if (code !== 0) expect(`${commands[at]}: ${stderr}`).toMatch(/No such container|was removed/);
    }
    const all = (await done('images', '-q', '--no-trunc')).split('\n');
    const left = [...new Set(all)].filter((id) => !before.includes(id));
    for (const [at, name] of ['many:1', 'many:2'].entries()) {
      expect((await gocker(['image', 'inspect', name])).code).toBe(results[at]!.code);
    }
    for (const id of left) {
      expect(await done('run', '--rm', '--network', 'none', id, 'cat', '/file')).toBe('kept');
    }
    if (results[3]!.code === 0) expect(await done('diff', 'forked')).toContain('A /file');
    if (left.length > 0) await done('rmi', '-f', ...left);
  });

  test.each<[what: string, args: string[], code: string]>([
    ['no such container', ['commit', 'nobody'], 'No such container'],
    ['a name that cannot be', ['commit', 'cc', 'Bad/Name'], 'lower'],
    ['a digest for a name', ['commit', 'cc', `x@sha256:${'0'.repeat(64)}`], 'has a digest'],
    [
      'an instruction that changes nothing',
      ['commit', '-c', 'RUN x', 'cc'],
      'cannot change the image by "RUN x"',
    ],
    ['no fork at all', ['fork', '--times', '0', 'cc'], 'at least 1'],
    ['a taken name', ['fork', '--name', 'cc', 'cc'], 'already in use'],
  ])('refuses %s, and leaves all as it was', async (_, args, message) => {
    await ran('cc', 'echo x > /file');
    const names = readdirSync(join(gocker.root, 'storage/overlayfs/names')).sort();
    const result = await gocker(args);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain(message);
    expect(await done('images', '-q', '--no-trunc')).not.toContain('<none>');
    if (!args.includes('fork')) {
      expect(readdirSync(join(gocker.root, 'storage/overlayfs/names')).sort()).toEqual(names);
    }
    expect(await done('diff', 'cc')).toContain('A /file');
  });
});

import { expect, test } from 'vitest';
import { image, integration, useGocker } from './helpers.ts';

integration('images', () => {
  const gocker = useGocker();
  const one = image('busybox:1');

  const names = async () => {
    const { stdout } = await gocker(['images', '--format', '{{.Repository}}:{{.Tag}}']);
    return stdout.trim().split('\n').filter(Boolean).sort();
  };

  test('pull prints what docker prints, and says when nothing is new', async () => {
    const first = await gocker(['pull', one]);
    const [digest, status, name] = first.stdout.trim().split('\n');
    expect(digest).toMatch(/^Digest: sha256:[0-9a-f]{64}$/);
    expect(status).toBe(`Status: Downloaded newer image for ${one}`);
    expect(name).toBe(one);
    expect(first.stderr).toMatch(/^1: Pulling from busybox\n[0-9a-f]{12}: Pull complete\n$/);
    const second = await gocker(['image', 'pull', one]);
    expect(second.stdout).toBe(`${digest}\nStatus: Image is up to date for ${one}\n${one}\n`);
    expect(second.stderr).toContain('Already exists');
    expect(await gocker(['pull', '-q', one])).toEqual({ code: 0, stdout: `${one}\n`, stderr: '' });
  });

  test('are listed as a table, as IDs, as JSON and by name', async () => {
    await gocker(['pull', '-q', image('busybox:zstd')]);
    const table = await gocker(['images']);
    expect(table.stdout).toMatch(/^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\n/);
    expect(table.stdout).toMatch(new RegExp(`${image('busybox')} +zstd +[0-9a-f]{12} +.+ +[\\d.]+MB\n`));
    expect((await gocker(['images', '--digests'])).stdout).toMatch(/DIGEST[\s\S]*sha256:[0-9a-f]{64}/);
    expect((await gocker(['images', '-q'])).stdout).toMatch(/^([0-9a-f]{12}\n){2}$/);
    expect((await gocker(['images', '-q', '--no-trunc'])).stdout).toMatch(/^(sha256:[0-9a-f]{64}\n){2}$/);
    const rows = (await gocker(['image', 'ls', '--format', 'json'])).stdout.trim().split('\n');
    expect(rows.map((row) => JSON.parse(row).Tag).sort()).toEqual(['1', 'zstd']);
    expect(Object.keys(JSON.parse(rows[0]!)).sort()).toEqual(
      'Containers CreatedAt CreatedSince Digest ID Repository SharedSize Size Tag UniqueSize'.split(' '),
    );
    const filtered = await gocker(['images', '--format', '{{.Tag}}', one]);
    expect(filtered.stdout).toBe('1\n');
  });

  test('tell their layers and everything else', async () => {
    const { stdout } = await gocker(['image', 'inspect', one]);
    const [found] = JSON.parse(stdout);
    expect(found).toMatchObject({
      Id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      RepoTags: [one],
      RepoDigests: [expect.stringMatching(new RegExp(`^${image('busybox')}@sha256:`))],
      Os: 'linux',
      Config: { Cmd: ['sh'] },
      RootFS: { Type: 'layers', Layers: [expect.stringMatching(/^sha256:/)] },
    });
    const layers = await gocker(['image', 'layers', one, '--format', '{{.Digest}} {{.DiffID}}']);
    expect(layers.stdout).toBe(`${found.Layers[0].Digest} ${found.RootFS.Layers[0]}\n`);
    expect((await gocker(['image', 'layers', one])).stdout).toMatch(/^LAYER DIGEST +DIFF ID +SIZE\n/);
  });

  test('that are not there are named, each', async () => {
    const inspected = await gocker(['image', 'inspect', 'nosuch', one]);
    expect(inspected.code).toBe(1);
    expect(inspected.stderr).toContain('No such image: nosuch');
    expect(JSON.parse(inspected.stdout)).toHaveLength(1);
    const removed = await gocker(['rmi', 'nosuch']);
    expect(removed).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('nosuch') });
    const pulled = await gocker(['pull', image('nosuch:1')]);
    expect(pulled).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('nosuch') });
  });

  test('in use are not removed; -f takes their names', async () => {
    await gocker(['run', '--name', 'user', '--pull=never', one, 'true']);
    const refused = await gocker(['rmi', one]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/is used by container [0-9a-f]{12}/);
    expect(await names()).toContain(one);
    await gocker(['rm', 'user']);
  });

  test('are removed by name and by ID prefix', async () => {
    const id = (await gocker(['images', '-q', image('busybox:zstd')])).stdout.trim();
    const byID = await gocker(['rmi', id.slice(0, 6)]);
    expect(byID.stdout).toMatch(new RegExp(`^Untagged: ${image('busybox:zstd')}\nDeleted: sha256:${id}`));
    const byName = await gocker(['rmi', one]);
    expect(byName.stdout).toMatch(new RegExp(`^Untagged: ${one}\nDeleted: sha256:`));
    expect(await names()).toEqual([]);
  });

  test('of another platform come when asked for', async () => {
    const multi = image('busybox:multi');
    await gocker(['pull', '-q', '--platform', 'linux/arm64', multi]);
    const { stdout } = await gocker(['image', 'inspect', multi, '-f', '{{.Architecture}} {{.Os}}']);
    expect(stdout).toBe('arm64 linux\n');
    const missing = await gocker(['pull', '--platform', 'linux/s390x', multi]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('linux/arm64');
    await gocker(['rmi', multi]);
  });
});

/** A tree with every kind of file through import, export, save, load, and the engines of others. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTree } from '../fixtures/every-kind.ts';
import { type Listing, listTree } from '../fixtures/tree.ts';
import { isInstalled, type OtherEngine, openPodman, startDocker } from './ground/engines.ts';
import { integration, useGocker } from './helpers.ts';

/** A container's root is new with it. */
const timeless = (listing: Listing): Listing => ({ ...listing, '.': listing['.']!.replace(/ \d+$/, '') });

integration('a tree with every kind of file', () => {
  const gocker = useGocker();
  let work = '';
  let tree: Listing = {};
  let id = '';
  beforeAll(async () => {
    work = mkdtempSync(join(gocker.env.HOME!, 'work-'));
    mkdirSync(join(work, 'tree'));
    makeTree(join(work, 'tree'));
    execFileSync('cp', ['/bin/busybox', join(work, 'tree/usr/bin/busybox')]);
    tree = timeless(listTree(join(work, 'tree')));
    id = await ok(
      'import',
      '-c',
      'CMD ["busybox", "sleep", "600"]',
      '-c',
      'ENV PATH=/usr/bin',
      'tree',
      'kinds:1',
    );
  });

  const ok = async (...args: string[]) => {
    const result = await gocker(args, { cwd: work });
    expect(result, result.stderr).toMatchObject({ code: 0 });
    return result.stdout.trim();
  };
  const exported = async (container: string) => {
    await ok('export', '-o', `${container}.tar`, container);
    return unpacked(join(work, `${container}.tar`));
  };

  function unpacked(file: string): Listing {
    const directory = mkdtempSync(join(work, 'unpacked-'));
    const keep = ['--warning=no-timestamp', '--numeric-owner', '--xattrs', '--xattrs-include=*'];
    execFileSync('tar', ['-xpf', file, ...keep, '-C', directory]);
    const listing = timeless(listTree(directory));
    rmSync(directory, { recursive: true });
    return listing;
  }

  test('is imported from a folder and exported from a container that never ran', async () => {
    expect(Object.keys(tree).length).toBeGreaterThan(25);
    await ok('create', '--name', 'still', 'kinds:1');
    expect(await exported('still')).toEqual(tree);
  });

  test('is exported from one that runs, without what is mounted in it', async () => {
    await ok('run', '-d', '--name', 'runs', '-v', `${work}:/tmp/volume`, '--tmpfs', '/etc', 'kinds:1');
    const seen = await exported('runs');
    const made = Object.keys(seen).filter((path) => !(path in tree));
    expect(made.filter((path) => !/^(dev|proc|sys|tmp\/volume)(\/|$)/.test(path))).toEqual([]);
    expect(seen['tmp/volume']).toMatch(/^40755 /);
    const times = ['.', 'tmp'];
    const same = (listing: Listing) =>
      Object.fromEntries(Object.entries(listing).filter(([path]) => path in tree && !times.includes(path)));
    expect(same(seen)).toEqual(same(tree));
    await ok('exec', 'runs', 'busybox', 'touch', '/usr/new');
    expect(Object.keys(await exported('runs'))).toContain('usr/new');
    await ok('rm', '-f', 'runs');
  });

  test('is the same after export and import, import of a packed archive, save and load', async () => {
    execFileSync('gzip', ['-k', join(work, 'still.tar')]);
    await ok('import', 'still.tar', 'kinds:2');
    await ok('import', '--message', 'packed', 'still.tar.gz', 'kinds:3');
    await ok('save', '-o', 'kinds.tar', 'kinds');
    await ok('rm', 'still');
    await ok('rmi', 'kinds:1', 'kinds:2', 'kinds:3');
    await ok('load', '-i', 'kinds.tar');
    for (const tag of [1, 2, 3]) {
      await ok('create', '--name', `kinds${tag}`, `kinds:${tag}`, 'busybox');
      expect(await exported(`kinds${tag}`)).toEqual(tree);
      await ok('rm', `kinds${tag}`);
    }
    expect(await ok('images', '-q', '--no-trunc', 'kinds:1')).toBe(id);
    expect(await ok('history', '--format', '{{.Comment}}', 'kinds:3')).toBe('packed');
    expect(await ok('history', '--format', '{{.Comment}}', 'kinds:2')).toBe('Imported from still.tar');
  });

  test('is what umoci unpacks', async () => {
    await ok('save', '-o', 'layout/', 'kinds:1');
    const bundle = join(work, 'bundle');
    execFileSync('umoci', ['unpack', '--image', `${work}/layout:docker.io/library/kinds:1`, bundle], {
      stdio: 'pipe',
    });
    expect(timeless(listTree(join(bundle, 'rootfs')))).toEqual(tree);
  });

  /** Their own archives say nothing of fractions of seconds, times before 1970 and most attributes. */
  const coarse = (listing: Listing) =>
    Object.fromEntries(
      Object.entries(listing)
        .filter(
          ([path]) =>
            !['.', 'usr/bin', 'dev', 'proc', 'sys', 'etc'].includes(path) &&
            !/^(dev|proc|sys|etc)\//.test(path),
        )
        .map(([path, line]) => [
          path,
          line
            .replace(/^(\d+ \d+:\d+ -?\d+?)(?:\d{9})( |$)/, '$1$2')
            .replace(/ -\d+/, ' 0')
            .replace(/ (?:user|trusted)\.\S+=[0-9a-f]*/g, ''),
        ]),
    );

  /** In by load, out by save and by export. */
  async function roundTrip(engine: OtherEngine, name: string): Promise<void> {
    engine.run('load', '-i', join(work, 'kinds.tar'));
    expect(
      engine
        .run('image', 'inspect', '--format', '{{.Id}}', 'kinds:1')
        .trim()
        .replace(/^sha256:/, ''),
    ).toBe(id.slice(7));
    engine.run('create', '--name', 'theirs', '--net=none', 'kinds:1');
    engine.run('export', '-o', join(work, `${name}.tar`), 'theirs');
    const theirs = coarse(unpacked(join(work, `${name}.tar`)));
    const ours = coarse(tree);
    for (const path of Object.keys(ours)) expect(theirs[path]).toBe(ours[path]);
    engine.run('save', '-o', join(work, `${name}-image.tar`), 'kinds:1');
    await ok('rmi', 'kinds:1', 'kinds:2', 'kinds:3');
    const named = (await ok('load', '-i', `${name}-image.tar`)).replace('Loaded image: ', '');
    expect(await ok('images', '-q', '--no-trunc', named)).toBe(id);
    await ok('create', '--name', name, named);
    expect(await exported(name)).toEqual(tree);
    await ok('rm', name);
    await ok('rmi', named);
    await ok('load', '-i', 'kinds.tar');
  }

  const engines: OtherEngine[] = [];
  afterAll(async () => {
    for (const engine of engines) await engine.stop();
  });

  const without = (program: string) => {
    if (!isInstalled(program))
      console.log(`skipped: ${program} is not installed, which archives are tried with`);
    return !isInstalled(program);
  };

  test.skipIf(without('dockerd'))('goes to docker and comes back', async () => {
    engines.push(await startDocker());
    await roundTrip(engines.at(-1)!, 'docker');
  });

  test.skipIf(without('podman'))('goes to podman and comes back', async () => {
    engines.push(openPodman());
    await roundTrip(engines.at(-1)!, 'podman');
  });
});

/** A tree of every kind of file, from a container into an image, to a registry and back, and into other tools. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeMany } from '../../fixtures/many-kinds.ts';
import { driverOf, listSnapshot, whileMounted } from '../../fixtures/mounted.ts';
import { type Listing, listTree } from '../../fixtures/tree.ts';
import { type Registry, startRegistry } from '../ground/registry.ts';
import { image, integration, useGocker } from '../helpers.ts';

const ENTRIES = 20_000;
const SLOW = 1_200_000;

/** The tests of it with one storage driver. Each driver has a file of its own, since roots are checked for leaks by file. */
export function testRoundTrip(driver: 'overlayfs' | 'vfs'): void {
  integration(`a tree of every kind of file, kept by ${driver}`, () => {
    const gocker = useGocker();
    const storage = driverOf(gocker.root, driver);
    let registry: Registry;
    let name = '';
    beforeAll(async () => {
      gocker.env.GOCKER_STORAGE_DRIVER = driver;
      registry = await startRegistry();
      name = `${registry.host}/team/tree:1`;
    });
    afterAll(() => registry.stop());

    async function done(...args: string[]): Promise<string> {
      const result = await gocker(args, { timeoutMs: SLOW });
      expect(result, `gocker ${args.join(' ')}`).toMatchObject({ code: 0 });
      return result.stdout.trim();
    }

    /** What the uppermost layer of an image shows with those below. */
    async function listed(text: string): Promise<Listing> {
      const id = await done('create', '--network', 'none', text, 'true');
      const snapshot = (await storage.stat(id))!.parent!;
      await done('rm', id);
      return await listSnapshot(gocker.root, snapshot, storage);
    }

    /** Into an archive and out of it. */
    async function savedAndLoaded(): Promise<Listing> {
      const archive = join(gocker.env.HOME!, 'saved.tar');
      await done('save', '-o', archive, name);
      await done('rmi', '-f', name);
      await done('load', '-i', archive);
      rmSync(archive);
      return await listed(name);
    }

    /** Away from here and back again. */
    async function sentAndFetched(): Promise<Listing> {
      await done('push', '-q', name);
      await done('rmi', '-f', name);
      expect(await done('images', '-q', name)).toBe('');
      await done('pull', '-q', name);
      return await listed(name);
    }

    test('comes back from the registry as it was, through two images', { timeout: SLOW }, async () => {
      const first = await done(
        'create',
        '--network',
        'none',
        '--name',
        'first',
        image('busybox:1'),
        'ls',
        '/tree',
      );
      whileMounted(await storage.mounts(first), (root) => {
        mkdirSync(join(root, 'tree'));
        makeMany(join(root, 'tree'), ENTRIES);
      });
      expect((await done('start', '-a', 'first')).split('\n').length).toBeGreaterThan(90);
      const tree = await listSnapshot(gocker.root, first, storage);
      expect(Object.keys(tree).length).toBeGreaterThan(ENTRIES);
      await done('commit', 'first', name);
      expect(await listed(name)).toEqual(tree);
      await done('rm', 'first');
      expect(await savedAndLoaded()).toEqual(tree);
      expect(await sentAndFetched()).toEqual(tree);

      const second = await done('create', '--network', 'none', '--name', 'second', name, 'sh', '-c', CHANGE);
      await done('start', '-a', 'second');
      const changed = await listSnapshot(gocker.root, second, storage);
      expect(changed['tree/directory 3/after']).toBeDefined();
      expect(Object.keys(changed).length).toBeLessThan(Object.keys(tree).length);
      await done('commit', 'second', name);
      expect(await listed(name)).toEqual(changed);
      await done('rm', 'second');
      expect(await savedAndLoaded()).toEqual(changed);
      expect(await sentAndFetched()).toEqual(changed);
      expect(unpackedByUmoci()).toEqual(changed);
    });

    /** skopeo takes the image from the registry into a layout, umoci unpacks that. */
    function unpackedByUmoci(): Listing {
      const layout = join(gocker.env.HOME!, 'layout');
      const bundle = join(gocker.env.HOME!, 'bundle');
      execFileSync('skopeo', [
        'copy',
        '-q',
        '--src-tls-verify=false',
        `docker://${name}`,
        `oci:${layout}:one`,
      ]);
      execFileSync('umoci', ['raw', 'unpack', '--image', `${layout}:one`, bundle], { stdio: 'pipe' });
      return listTree(bundle);
    }
  });
}

/** Whiteouts of a file and a directory, a directory that comes again, attributes alone, a directory in a file's place. */
const CHANGE = `set -e; cd /tree; rm -rf 'directory 2' 'directory 3' 'directory 0/0-'*; mkdir 'directory 3'
echo x > 'directory 3/after'; chmod 0700 'directory 4'; rm 'directory 1/link'; mkdir 'directory 1/link'
mv 'directory 5/1001-name' 'directory 6/moved' || true; echo more >> 'directory 7/1400-name'; rm -rf /etc/opt`;

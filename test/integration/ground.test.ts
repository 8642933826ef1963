import { execFileSync } from 'node:child_process';
import { mkdirSync, rmdirSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { added } from '../../scripts/leaks.js';
import { ground, image, integration, leakSnapshot, useGocker } from './helpers.ts';
import { openShell } from './terminal.ts';

/** The bytes that the registry has under a name. */
function manifest(name: string): Record<string, unknown> & { layers: { mediaType: string }[] } {
  const args = ['inspect', '--raw', '--tls-verify=false', `docker://${image(name)}`];
  return JSON.parse(execFileSync('skopeo', args, { encoding: 'utf8' }));
}

integration('the ground of the integration tests', () => {
  const gocker = useGocker();

  test.each([
    [
      'busybox:1',
      'application/vnd.oci.image.manifest.v1+json',
      'application/vnd.oci.image.layer.v1.tar+gzip',
    ],
    [
      'busybox:schema2',
      'application/vnd.docker.distribution.manifest.v2+json',
      'application/vnd.docker.image.rootfs.diff.tar.gzip',
    ],
    ['busybox:plain', 'application/vnd.oci.image.manifest.v1+json', 'application/vnd.oci.image.layer.v1.tar'],
    [
      'busybox:zstd',
      'application/vnd.oci.image.manifest.v1+json',
      'application/vnd.oci.image.layer.v1.tar+zstd',
    ],
  ])('holds %s in its media types', (name, type, layer) => {
    const { mediaType, layers } = manifest(name);
    expect(mediaType ?? 'application/vnd.oci.image.manifest.v1+json').toBe(type);
    expect(layers.map(({ mediaType }) => mediaType)).toEqual([layer]);
  });

  test('holds busybox:multi for three platforms', () => {
    expect(manifest('busybox:multi').manifests).toMatchObject([
      { platform: { os: 'linux', architecture: 'amd64' } },
      { platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
      { platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
    ]);
  });

  test.skipIf(process.env.GOCKER_TEST_IMAGES === 'busybox')('holds debian:1 in three layers', () => {
    expect(manifest('debian:1').layers).toHaveLength(3);
  });

  test('lists leaks and nothing else', async () => {
    const before = leakSnapshot();
    expect(added(before, leakSnapshot())).toEqual([]);
    const directory = await mkdtemp(join(tmpdir(), 'gocker-leak-'));
    const left = added(before, leakSnapshot());
    rmdirSync(directory);
    expect(left).toEqual([`file: ${directory}`]);
  });

  test('sees a container’s cgroup that stays', () => {
    const before = leakSnapshot();
    const parent = execFileSync('findmnt', ['-nro', 'TARGET', '-t', 'cgroup,cgroup2'], { encoding: 'utf8' });
    const directory = join(
      parent.split('\n').find((one) => /pids|cgroup$/.test(one)) ?? '',
      'gocker-test/gocker/id',
    );
    mkdirSync(directory, { recursive: true });
    const left = added(before, leakSnapshot());
    for (const path of [directory, join(directory, '..'), join(directory, '../..')]) rmdirSync(path);
    expect(left).toContain(`cgroup: ${directory}`);
  });

  test('has terminals that can be typed into and resized', async () => {
    const terminal = openShell(gocker, 'read line; stty size; echo "got $line"; exit 7');
    try {
      terminal.resize({ columns: 100, rows: 30 });
      terminal.type('hello\r');
      await terminal.waitFor(/30 100\ngot hello/);
      expect(await terminal.exitCode()).toBe(7);
    } finally {
      terminal.close();
    }
  });

  test('has a registry that answers', async () => {
    const response = await fetch(`http://${ground().registry}/v2/_catalog`);
    expect(await response.json()).toMatchObject({ repositories: expect.arrayContaining(['busybox']) });
  });
});

/** Fills a registry with the images that the integration tests pull. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { busyboxLayer } from '../../../scripts/image/busybox.js';
import { addImage, addIndex, tag } from '../../../scripts/image/layout.js';
import { debianLayout } from './debian.ts';

/** What `push` offers; GOCKER_TEST_IMAGES (comma-separated) restricts it. */
export const IMAGES = ['busybox', 'debian'] as const;

const config = { Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'], Cmd: ['sh'] };

export const PLATFORMS = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64', variant: 'v8' },
  { os: 'linux', architecture: 'arm', variant: 'v7' },
];

export function copy(source: string, destination: string, options: string[] = []): void {
  const common = ['copy', '--quiet', '--insecure-policy', '--dest-tls-verify=false'];
  execFileSync('skopeo', [...common, ...options, source, `docker://${destination}`], { stdio: 'pipe' });
}

/** One layer of busybox in every shape that registries hold. */
function pushBusybox(host: string, directory: string): void {
  const layout = join(directory, 'layout');
  const layers = [busyboxLayer('/bin/busybox', directory)];
  const images = PLATFORMS.map((platform) => {
    const Labels = { platform: [platform.architecture, platform.variant].filter(Boolean).join('/') };
    return addImage(layout, { layers, platform, config: { ...config, Labels } });
  });
  const own = arch() === 'x64' ? 'amd64' : arch();
  tag(layout, 'one', images.find(({ platform }) => platform?.architecture === own)!);
  tag(layout, 'many', addIndex(layout, images));
  tag(layout, 'zstd', addImage(layout, { layers, platform: PLATFORMS[0]!, config, compression: 'zstd' }));
  tag(layout, 'plain', addImage(layout, { layers, platform: PLATFORMS[0]!, config, compression: 'none' }));
  const same = ['--all', '--preserve-digests'];
  copy(`oci:${layout}:one`, `${host}/busybox:1`, same);
  copy(`oci:${layout}:many`, `${host}/busybox:multi`, same);
  copy(`oci:${layout}:zstd`, `${host}/busybox:zstd`, same);
  copy(`oci:${layout}:plain`, `${host}/busybox:plain`, same);
  copy(`oci:${layout}:one`, `${host}/busybox:schema2`, ['--format', 'v2s2']);
}

/**
 * Pushes to `host`: `busybox:1` (OCI, gzip), `busybox:schema2` (docker's media types), `busybox:zstd`, `busybox:plain` (no compression),
 * `busybox:multi` (an index of linux/amd64, linux/arm64/v8 and linux/arm/v7) and `debian:1` (three layers).
 */
export function pushImages(host: string, cache: string): void {
  const wanted = process.env.GOCKER_TEST_IMAGES?.split(',') ?? IMAGES;
  const directory = mkdtempSync(join(tmpdir(), 'gocker-images-'));
  try {
    if (wanted.includes('busybox')) pushBusybox(host, directory);
    if (wanted.includes('debian')) copy(`oci:${debianLayout(cache)}:debian`, `${host}/debian:1`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

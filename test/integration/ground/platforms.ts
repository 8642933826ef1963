/** An index whose images have layers of their own, unlike those of `busybox:multi`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { archive, busyboxLayer } from '../../../scripts/image/busybox.js';
import { addImage, addIndex, tag } from '../../../scripts/image/layout.js';
import { copy, PLATFORMS } from './images.ts';

/** Pushes it as `name`, a `HOST/NAME:TAG`; each image has its architecture in `/architecture`. */
export function pushPlatforms(name: string): void {
  const directory = mkdtempSync(join(tmpdir(), 'gocker-images-'));
  const layout = join(directory, 'layout');
  try {
    const base = busyboxLayer('/bin/busybox', directory);
    const images = PLATFORMS.map((platform) => {
      const root = join(directory, platform.architecture);
      mkdirSync(root);
      writeFileSync(join(root, 'architecture'), platform.architecture);
      const own = archive(root, join(directory, `${platform.architecture}.tar`));
      return addImage(layout, { layers: [base, own], platform, config: { Cmd: ['cat', '/architecture'] } });
    });
    tag(layout, 'many', addIndex(layout, images));
    copy(`oci:${layout}:many`, name, ['--all', '--preserve-digests']);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

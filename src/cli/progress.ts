/** How pulls and pushes are told, in docker's words. */

import type { BlobProgress, LayerProgress, PullObserver, PushObserver } from '../engine.ts';
import { shortOf } from '../image/digest.ts';
import type { Descriptor } from '../image/types.ts';
import { type Display, openDisplay } from './display.ts';
import { formatSize } from './format.ts';

/** An observer for one pull; a silent one when asked. */
export function pullProgress(
  options: { quiet?: boolean | undefined } = {},
  display: Display = openDisplay(options),
): PullObserver {
  return {
    started: (tag, path) => display.begin(`${tag}: Pulling from ${path}`),
    found: ({ layers }, others) => display.list([...layers, ...others].map(waiting)),
    layer: (progress) =>
      display.update(progress.digest, layerLine(progress), ['done', 'exists'].includes(progress.phase)),
    ended: () => display.end(),
  };
}

/** The same for a push. */
export function pushProgress(
  options: { quiet?: boolean | undefined } = {},
  display: Display = openDisplay(options),
): PushObserver {
  return {
    started: (repository) => display.begin(`The push refers to repository [${repository}]`),
    found: (blobs) => display.list(blobs.map(waiting)),
    blob: (progress) =>
      display.update(progress.digest, blobLine(progress), !['waiting', 'pushing'].includes(progress.phase)),
    ended: () => display.end(),
  };
}

function waiting({ digest }: Descriptor): [key: string, line: string] {
  return [digest, `${shortOf(digest)}: Waiting`];
}

/** `aabbccddeeff: Downloading 3.1MB/7.8MB`. */
export function layerLine(progress: LayerProgress): string {
  const words = {
    waiting: 'Waiting',
    downloading: `Downloading ${amount(progress)}`,
    unpacking: `Extracting ${amount(progress)}`,
    done: 'Pull complete',
    exists: 'Already exists',
  };
  return `${shortOf(progress.digest)}: ${words[progress.phase]}`;
}

/** `aabbccddeeff: Pushing 3.1MB/7.8MB`. */
export function blobLine(progress: BlobProgress): string {
  const words = {
    waiting: 'Waiting',
    pushing: `Pushing ${amount(progress)}`,
    pushed: 'Pushed',
    exists: 'Layer already exists',
    mounted: `Mounted from ${progress.from}`,
  };
  return `${shortOf(progress.digest)}: ${words[progress.phase]}`;
}

function amount({ current, total }: { current: number; total: number }): string {
  return `${formatSize(current)}/${formatSize(total)}`;
}

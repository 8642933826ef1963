/** How pulls and pushes are told, in docker's words. */

import type { BlobProgress, LayerProgress, PullObserver, PushObserver } from '../engine.ts';
import { shortOf } from '../image/digest.ts';
import type { Descriptor } from '../image/types.ts';
import { type Display, openDisplay } from './display.ts';
import { formatSize } from './format.ts';
import { createMeter, formatRemaining, type Meter } from './meter.ts';

/** An observer for one pull; a silent one when asked. */
export function pullProgress(
  options: { quiet?: boolean | undefined } = {},
  display: Display = openDisplay(options),
): PullObserver {
  const meterOf = createMeters();
  return {
    started: (tag, path) => display.begin(`${tag}: Pulling from ${path}`),
    found: ({ layers }, others) => display.list([...layers, ...others].map(waiting)),
    layer: (progress) => {
      const meter = meterOf(progress);
      const isOver = ['done', 'exists'].includes(progress.phase);
      display.update(progress.digest, () => layerLine(progress, meter.rate()), isOver);
    },
    ended: () => display.end(),
  };
}

/** The same for a push. */
export function pushProgress(
  options: { quiet?: boolean | undefined } = {},
  display: Display = openDisplay(options),
): PushObserver {
  const meterOf = createMeters();
  return {
    started: (repository) => display.begin(`The push refers to repository [${repository}]`),
    found: (blobs) => display.list(blobs.map(waiting)),
    blob: (progress) => {
      const meter = meterOf(progress);
      const isOver = !['waiting', 'pushing'].includes(progress.phase);
      display.update(progress.digest, () => blobLine(progress, meter.rate()), isOver);
    },
    ended: () => display.end(),
  };
}

function waiting({ digest }: Descriptor): [key: string, line: string] {
  return [digest, `${shortOf(digest)}: Waiting`];
}

interface Amount {
  digest: string;
  current: number;
  total: number;
}

/** A meter for each layer or blob, which has noted what is told. */
function createMeters(): (progress: Amount) => Meter {
  const meters = new Map<string, Meter>();
  return ({ digest, current }) => {
    const meter = meters.get(digest) ?? createMeter();
    meters.set(digest, meter);
    meter.note(current);
    return meter;
  };
}

/** `aabbccddeeff: Downloading 3.1MB/7.8MB 1.2MB/s, 4s left`; the rate is in bytes a second. */
export function layerLine(progress: LayerProgress, rate?: number): string {
  const words = {
    waiting: 'Waiting',
    downloading: `Downloading ${amount(progress)}${speed(progress, rate)}`,
    unpacking: `Extracting ${amount(progress)}`,
    done: 'Pull complete',
    exists: 'Already exists',
  };
  return `${shortOf(progress.digest)}: ${words[progress.phase]}`;
}

/** `aabbccddeeff: Pushing 3.1MB/7.8MB 1.2MB/s, 4s left`. */
export function blobLine(progress: BlobProgress, rate?: number): string {
  const words = {
    waiting: 'Waiting',
    pushing: `Pushing ${amount(progress)}${speed(progress, rate)}`,
    pushed: 'Pushed',
    exists: 'Layer already exists',
    mounted: `Mounted from ${progress.from}`,
  };
  return `${shortOf(progress.digest)}: ${words[progress.phase]}`;
}

function amount({ current, total }: Amount): string {
  return `${formatSize(current)}/${formatSize(total)}`;
}

function speed({ current, total }: Amount, rate: number | undefined): string {
  if (rate === undefined) return '';
  const left = rate > 0 && current < total ? `, ${formatRemaining((total - current) / rate)} left` : '';
  return ` ${formatSize(rate)}/s${left}`;
}

import { describe, expect, it } from 'vitest';
import { plainDisplay } from '../../src/cli/display.ts';
import { blobLine, layerLine, pullProgress, pushProgress } from '../../src/cli/progress.ts';
import { parseDigest } from '../../src/image/digest.ts';

const digest = parseDigest(`sha256:${'ab'.repeat(32)}`);

describe('layerLine', () => {
  it.each([
    ['waiting', 'abababababab: Waiting'],
    ['downloading', 'abababababab: Downloading 3.1MB/7.8MB'],
    ['unpacking', 'abababababab: Extracting 3.1MB/7.8MB'],
    ['done', 'abababababab: Pull complete'],
    ['exists', 'abababababab: Already exists'],
  ] as const)('%s', (phase, line) => {
    expect(layerLine({ digest, phase, current: 3_100_000, total: 7_800_000 })).toBe(line);
  });
});

describe('blobLine', () => {
  it.each([
    ['waiting', 'abababababab: Waiting'],
    ['pushing', 'abababababab: Pushing 3.1MB/7.8MB'],
    ['pushed', 'abababababab: Pushed'],
    ['exists', 'abababababab: Layer already exists'],
    ['mounted', 'abababababab: Mounted from team/base'],
  ] as const)('%s', (phase, line) => {
    const from = 'team/base';
    expect(blobLine({ digest, phase, current: 3_100_000, total: 7_800_000, from })).toBe(line);
  });
});

describe('the rate', () => {
  const progress = { digest, phase: 'downloading', current: 3_100_000, total: 7_800_000 } as const;
  it.each([
    [undefined, 'abababababab: Downloading 3.1MB/7.8MB'],
    [1_200_000, 'abababababab: Downloading 3.1MB/7.8MB 1.2MB/s, 4s left'],
    [0, 'abababababab: Downloading 3.1MB/7.8MB 0B/s'],
  ])('of %s bytes a second', (rate, line) => {
    expect(layerLine(progress, rate)).toBe(line);
  });

  it('is told of what moves alone', () => {
    expect(layerLine({ ...progress, phase: 'done' }, 1000)).toBe('abababababab: Pull complete');
    expect(blobLine({ ...progress, phase: 'pushing' }, 4_700_000)).toBe(
      'abababababab: Pushing 3.1MB/7.8MB 4.7MB/s, 1s left',
    );
  });
});

describe('plain progress', () => {
  it('of a pull says what is pulled and what is there, and nothing of the way', async () => {
    const lines: string[] = [];
    const progress = pullProgress(
      {},
      plainDisplay((line) => lines.push(line)),
    );
    progress.started('latest', 'library/alpine');
    for (const phase of ['waiting', 'downloading', 'unpacking', 'done'] as const) {
      progress.layer({ digest, phase, current: 1, total: 2 });
    }
    await progress.ended();
    expect(lines).toEqual(['latest: Pulling from library/alpine', 'abababababab: Pull complete']);
  });

  it('of a push likewise', async () => {
    const lines: string[] = [];
    const progress = pushProgress(
      {},
      plainDisplay((line) => lines.push(line)),
    );
    progress.started('HOST/app');
    for (const phase of ['waiting', 'pushing', 'pushed'] as const) {
      progress.blob({ digest, phase, current: 1, total: 2 });
    }
    await progress.ended();
    expect(lines).toEqual(['The push refers to repository [HOST/app]', 'abababababab: Pushed']);
  });
});

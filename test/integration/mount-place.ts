import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { image, useGocker } from './helpers.ts';

/** A gocker with busybox, and for each test a directory that has `src/f` and `src/sub`. */
export function useMountPlace() {
  const gocker = useGocker();
  const busybox = image('busybox:1');
  const base = mkdtempSync(join(tmpdir(), 'gocker-mounts-'));
  const place = {
    gocker,
    busybox,
    /** The test's directory, absolute. */
    work: base,
    /** What a command prints that must go well, and without a word on stderr. */
    async ok(...args: string[]): Promise<string> {
      const { code, stdout, stderr } = await gocker(args);
      expect([code, stderr]).toEqual([0, '']);
      return stdout;
    },
    sh: (flags: string[], script: string) => gocker(['run', '--rm', ...flags, busybox, 'sh', '-c', script]),
    mount: (...args: string[]) => execFileSync('mount', args),
  };
  beforeAll(async () => {
    await place.ok('pull', '-q', busybox);
  });
  beforeEach(() => {
    place.work = mkdtempSync(join(base, 'work-'));
    mkdirSync(join(place.work, 'src/sub'), { recursive: true });
    writeFileSync(join(place.work, 'src/f'), 'mine\n');
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));
  return place;
}

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSyscalls } from '../../native/index.ts';
import { acquireLock, tryLock, withLock } from '../../src/store/lock.ts';

const syscalls = createSyscalls();
let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gocker-test-'));
  path = join(directory, 'lock');
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('locks', () => {
  it('let one at a time do its work, in whatever order they ask', async () => {
    let [inside, most, done] = [0, 0, 0];
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 3));
      inside--;
      done++;
    };
    await Promise.all(Array.from({ length: 10 }, () => withLock(syscalls, path, work)));
    expect([most, done]).toEqual([1, 10]);
  });

  it('let sharers in together and keep the one that wants it alone out', () => {
    const [one, two] = [tryLock(syscalls, path, { shared: true }), tryLock(syscalls, path, { shared: true })];
    expect(tryLock(syscalls, path)).toBeUndefined();
    one!.release();
    two!.release();
    expect(tryLock(syscalls, path)).toBeDefined();
  });

  it('are free again when the work fails', async () => {
    await expect(withLock(syscalls, path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(syscalls, path, async () => 'again')).toBe('again');
  });

  it('are not waited for longer than the signal says', async () => {
    const held = tryLock(syscalls, path)!;
    await expect(acquireLock(syscalls, path, { signal: AbortSignal.timeout(30) })).rejects.toThrow(/abort/i);
    held.release();
  });

  it('mean nothing once their file is gone: who waited locks the new one', async () => {
    const held = tryLock(syscalls, path)!;
    const waiting = acquireLock(syscalls, path);
    held.remove();
    const got = await waiting;
    expect(existsSync(path)).toBe(true);
    expect(tryLock(syscalls, path)).toBeUndefined();
    got.remove();
    expect(existsSync(path)).toBe(false);
  });

  it('are not inherited by children', async () => {
    const held = tryLock(syscalls, path)!;
    const child = spawn('sleep', ['5'], { stdio: 'ignore' });
    await new Promise((resolve) => child.on('spawn', resolve));
    held.release();
    expect(tryLock(syscalls, path)).toBeDefined();
    child.kill();
  });

  it('take over a file that is there already', () => {
    writeFileSync(path, 'content');
    expect(tryLock(syscalls, path)).toBeDefined();
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { identify, isAlive } from '../../src/runtime/identity.ts';

describe('the identity of a process', () => {
  it('is pid, start time and boot', () => {
    const own = identify(process.pid)!;
    expect(own.pid).toBe(process.pid);
    expect(isAlive(own)).toBe(true);
  });
  it('is not that of another process that got the pid, or of another boot', () => {
    const own = identify(process.pid)!;
    expect(isAlive({ ...own, startTime: '1' })).toBe(false);
    expect(isAlive({ ...own, bootId: 'before' })).toBe(false);
  });
  it('is gone with the process', async () => {
    const child = spawn('sleep', ['60']);
    const identity = identify(child.pid!)!;
    expect(isAlive(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(identity)).toBe(false);
    expect(identify(child.pid!)).toBeUndefined();
  });
});

import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { encodeMessage, type InitReport } from '../../../src/runtime/protocol.ts';
import { readReports } from '../../../src/runtime/supervisor/reports.ts';

function reportsOf(...messages: InitReport[]) {
  const pipe = new PassThrough();
  for (const message of messages) pipe.write(encodeMessage(message));
  pipe.end();
  return readReports(pipe as unknown as Socket);
}

describe("init's reports", () => {
  it('come in order, and one that is about to become the program says nothing more', async () => {
    const reports = reportsOf({ type: 'created' }, { type: 'console', fd: 7 }, { type: 'becoming' });
    await reports.expect('created');
    expect((await reports.expect('console')).fd).toBe(7);
    await expect(reports.becomes()).resolves.toBeUndefined();
  });
  it('may be an error at any place, with its step, hint and exit code', async () => {
    const failure = { step: 'mount /proc', code: 'EPERM', message: 'no', hint: 'be root', exitCode: 125 };
    const reports = reportsOf({ type: 'created' }, { type: 'becoming' }, { type: 'error', failure });
    await reports.expect('created');
    await expect(reports.becomes()).rejects.toMatchObject({
      message: 'mount /proc: no',
      hint: 'be root',
      code: 'EPERM',
      exitCode: 125,
    });
  });
  it('of one that has ended tell why, or that it was killed', async () => {
    const failure = { step: 'take /x', code: 'ENOENT', message: 'gone', exitCode: 125 };
    await expect(reportsOf({ type: 'console', fd: 7 }, { type: 'error', failure }).end()).rejects.toThrow(
      'gone',
    );
    await expect(reportsOf({ type: 'console', fd: 7 }).end()).rejects.toThrow('init ended before');
  });
  it('that stop too early are an error', async () => {
    await expect(reportsOf().expect('created')).rejects.toThrow('init ended before');
    await expect(reportsOf().becomes()).rejects.toThrow('init ended before');
  });
});

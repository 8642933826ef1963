import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeError } from '../../src/cli/report.ts';
import { GockerError, UsageError } from '../../src/errors.ts';

function caught(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('describeError', () => {
  it("prints message and hint, and takes the command's exit code", () => {
    const error = new GockerError('X', 'no image "a"', { hint: 'pull it' });
    expect(describeError(error, {})).toEqual({ text: 'gocker: no image "a"\n  pull it\n', exitCode: 1 });
    expect(describeError(error, { failureExit: 125 }).exitCode).toBe(125);
  });

  it("prefers the error's own exit code", () => {
    expect(describeError(new GockerError('X', 'x', { exitCode: 127 }), { failureExit: 125 }).exitCode).toBe(
      127,
    );
  });

  it('tells where help is for usage errors', () => {
    const { text, exitCode } = describeError(new UsageError('X', 'unknown flag: --x'), {
      command: 'run',
      failureExit: 125,
    });
    expect(text).toBe("gocker: unknown flag: --x\nRun 'gocker run --help' for more information\n");
    expect(exitCode).toBe(125);
  });

  it('knows what oclif throws', () => {
    const exit = Object.assign(new Error('EEXIT: 3'), { code: 'EEXIT', oclif: { exit: 3 } });
    expect(describeError(exit, {})).toEqual({ text: '', exitCode: 3 });
    const usage = Object.assign(new Error('Unexpected argument: x\nSee more help with --help'), {
      oclif: { exit: 2 },
    });
    expect(describeError(usage, { command: 'ps' })).toEqual({
      text: "gocker: unexpected argument: x\nRun 'gocker ps --help' for more information\n",
      exitCode: 1,
    });
  });

  it('takes errors of system calls for answers', () => {
    const error = caught(() => readFileSync('/nosuch/file'));
    expect(describeError(error, {}).text).toMatch(
      /^gocker: ENOENT: no such file or directory, open '\/nosuch\/file'\n$/,
    );
  });

  it('asks to report what nobody foresaw, and shows its stack only when told to', () => {
    const error = new TypeError('x is not a function');
    const plain = describeError(error, { failureExit: 125 });
    expect(plain.text).toMatch(/^gocker: unexpected error: x is not a function\n.*please report it.*\n$/);
    expect(plain.exitCode).toBe(125);
    expect(describeError(error, { debug: true }).text).toContain('report.test.ts');
  });

  it('lets no control character through', () => {
    const { text } = describeError(new GockerError('X', 'a\u001b[2Jb\nc', { hint: '\u0007' }), {});
    expect(text).toBe('gocker: a\\u{1b}[2Jb\\u{a}c\n  \\u{7}\n');
  });
});

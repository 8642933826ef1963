import { describe, expect, it } from 'vitest';
import { parseStreams } from '../../../src/cli/flags/attach.ts';

describe('-a', () => {
  it.each([
    [undefined, { stdout: true, stderr: true }],
    [['stdout'], { stdout: true, stderr: false }],
    [['STDERR'], { stdout: false, stderr: true }],
    [['stdin'], { stdout: false, stderr: false }],
    [['stdin', 'stdout', 'stderr'], { stdout: true, stderr: true }],
  ])('%j', (names, shown) => expect(parseStreams(names)).toEqual(shown));
  it.each(['', 'foo', 'stdout,stderr'])('refuses %j', (name) => {
    expect(() => parseStreams(['stdout', name])).toThrow('valid streams are STDIN, STDOUT and STDERR');
  });
});

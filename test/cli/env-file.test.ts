import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { completeEntry, parseEnvFile, readEnvFlags } from '../../src/cli/env-file.ts';

const caller = { HOME: '/root', EMPTY: '' };

describe('parseEnvFile', () => {
  it('reads as docker does', () => {
    const text = '\ufeff# comment\n\nA=1\r\n  B= x y \nC="quoted"\nD=a=b\nHOME\nEMPTY\nUNSET\n#E=1\n';
    expect(parseEnvFile(text, 'f', caller)).toEqual([
      'A=1',
      'B= x y ',
      'C="quoted"',
      'D=a=b',
      'HOME=/root',
      'EMPTY=',
    ]);
  });

  it.each(['=x', 'A B=1', 'A =1', 'A\tB'])('refuses %j', (line) => {
    expect(() => parseEnvFile(`OK=1\n${line}\n`, 'f', caller)).toThrow('f, line 2: invalid variable name');
  });
});

describe('completeEntry', () => {
  it('copies from the caller what has no value', () => {
    expect(completeEntry('HOME', caller)).toBe('HOME=/root');
    expect(completeEntry('UNSET', caller)).toBe('UNSET');
    expect(completeEntry('A=x\ny', caller)).toBe('A=x\ny');
  });

  it.each(['', '=x'])('refuses %j', (entry) => {
    expect(() => completeEntry(entry, caller)).toThrow('invalid environment variable');
  });
});

describe('readEnvFlags', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gocker-env-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('puts files before -e', () => {
    const path = join(directory, 'env');
    writeFileSync(path, 'A=file\nB=file\n');
    expect(readEnvFlags({ env: ['A=flag'], 'env-file': [path] }, caller)).toEqual([
      'A=file',
      'B=file',
      'A=flag',
    ]);
  });

  it('names a file that is not there, or is not text', () => {
    const path = join(directory, 'nosuch');
    expect(() => readEnvFlags({ 'env-file': [path] }, caller)).toThrow(/cannot read --env-file .*nosuch/);
    writeFileSync(path, Buffer.from([0x41, 0x3d, 0xff]));
    expect(() => readEnvFlags({ 'env-file': [path] }, caller)).toThrow(/cannot read --env-file .*nosuch/);
  });
});

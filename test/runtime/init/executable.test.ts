import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSyscalls, SyscallError } from '../../../native/index.ts';
import { parseHeader } from '../../../src/runtime/init/executable.ts';
import { explainExec } from '../../../src/runtime/init/explain-exec.ts';

const [ENOENT, EACCES, ENOEXEC] = [2, 13, 8];

describe('the first bytes of a file', () => {
  it('tell a script and its interpreter', () => {
    expect(parseHeader(Buffer.from('#! /bin/sh -e\nexit'))).toEqual({
      kind: 'script',
      interpreter: '/bin/sh',
    });
    expect(parseHeader(Buffer.from('#!/bin/sh\r\n')).interpreter).toBe('/bin/sh\r');
  });
  it('tell an ELF program, its machine and its interpreter', () => {
    const header = parseHeader(readFileSync(process.execPath).subarray(0, 4096));
    expect(header).toMatchObject({
      kind: 'elf',
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    });
    expect(header.interpreter).toMatch(/^\/lib.*ld-/);
  });
  it('may tell nothing', () => {
    expect(parseHeader(Buffer.alloc(0)).kind).toBe('empty');
    expect(parseHeader(Buffer.from('hello')).kind).toBe('other');
    expect(parseHeader(Buffer.from('\x7fELF')).kind).toBe('other');
  });
});

describe('why a program does not run', () => {
  let dir: string;
  const sys = createSyscalls();
  const explain = (file: string, errno: number) =>
    explainExec(sys, { name: file, file, error: new SyscallError('execve', errno, file) });
  const make = (name: string, content: string | Buffer, mode = 0o755) => {
    const file = join(dir, name);
    writeFileSync(file, content);
    chmodSync(file, mode);
    return file;
  };
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'gocker-exec-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('is that it is not there: 127', () => {
    const error = explain(join(dir, 'none'), ENOENT);
    expect(error.message).toContain('no such file or directory');
    expect(error.exitCode).toBe(127);
    const bare = explainExec(sys, { name: 'nosuch', file: '/bin/nosuch', error: undefined });
    expect(bare.message).toBe('exec: "nosuch": executable file not found in $PATH');
    expect(bare.exitCode).toBe(127);
  });
  it('is that its interpreter is not there: 127', () => {
    expect(explain(make('a', '#!/no/such\n'), ENOENT).message).toContain('first line, /no/such, is not');
    expect(explain(make('b', '#!/bin/sh\r\n'), ENOENT).message).toContain('carriage return');
    const node = readFileSync(process.execPath).subarray(0, 4096);
    expect(explain(make('c', node), ENOENT).message).toContain('its ELF interpreter');
  });
  it('is that it may not be run: 126', () => {
    const error = explain(make('d', 'x', 0o644), EACCES);
    expect(error.message).toContain('not executable: permission denied');
    expect(error.exitCode).toBe(126);
    expect(explain(dir, EACCES).message).toContain('is a directory');
  });
  it('is that it is for another machine, or nothing the kernel knows: 126', () => {
    const head = Buffer.from(readFileSync(process.execPath).subarray(0, 4096));
    head.writeUInt16LE(243, 18);
    expect(explain(make('e', head), ENOEXEC).message).toContain('exec format error: it is built for riscv64');
    expect(explain(make('f', 'echo'), ENOEXEC).message).toContain('nor a script');
    expect(explain(make('g', ''), ENOEXEC).message).toContain('it is empty');
    expect(explain(make('h', ''), ENOEXEC).exitCode).toBe(126);
  });
});

/** Why a program could not be run, found out by looking at it: the kernel's errno alone misleads (execve(2)). */
import { AT_FDCWD, S } from '../../../native/constants.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { EXIT, GockerError, hasCode } from '../../errors.ts';
import { type Header, readHeader } from './executable.ts';

interface Failure {
  /** What the user typed. */
  name: string;
  /** The path that was tried. */
  file: string;
  error: unknown;
}

/** The error for a person: 127 where the program is not found, 126 where it is there but cannot be run. */
export function explainExec(syscalls: Syscalls, failure: Failure): GockerError {
  const { name, file, error } = failure;
  if (hasCode(error, 'ENOENT', 'ENOTDIR') || error === undefined) return explainMissing(syscalls, name, file);
  if (hasCode(error, 'EACCES')) return explainDenied(syscalls, failure);
  if (hasCode(error, 'ENOEXEC')) return explainFormat(syscalls, file, error);
  const why = error instanceof Error ? error.message : String(error);
  return new GockerError('CANNOT_EXECUTE', `exec ${JSON.stringify(file)}: ${why}`, {
    exitCode: EXIT.NOT_EXECUTABLE,
    cause: error,
  });
}

function explainMissing(syscalls: Syscalls, name: string, file: string): GockerError {
  const header = readHeader(syscalls, file);
  if (header === undefined) {
    const message = name.includes('/')
      ? `exec: ${JSON.stringify(name)}: stat ${name}: no such file or directory`
      : `exec: ${JSON.stringify(name)}: executable file not found in $PATH`;
    return notFound(message, 'check the spelling, or look into the image with another command');
  }
  if (header.interpreter === undefined)
    return notFound(`exec ${JSON.stringify(file)}: no such file or directory`);
  if (header.kind === 'script' && header.interpreter.endsWith('\r')) {
    return notFound(
      `${file} is there, but its first line ends with a carriage return, so that its interpreter is not found: no such file or directory`,
      'save the script with Unix line ends (dos2unix)',
    );
  }
  const what = header.kind === 'script' ? 'the interpreter in its first line' : 'its ELF interpreter';
  return notFound(
    `${file} is there, but ${what}, ${header.interpreter}, is not: no such file or directory`,
    header.kind === 'elf'
      ? 'the program was built for another libc or distribution than the image'
      : undefined,
  );
}

function explainDenied(syscalls: Syscalls, { file, error }: Failure): GockerError {
  const why = denial(syscalls, file);
  return new GockerError('CANNOT_EXECUTE', `exec: ${JSON.stringify(file)}: ${why}: permission denied`, {
    exitCode: EXIT.NOT_EXECUTABLE,
    cause: error,
    ...(why === 'not executable' && {
      hint: `chmod +x ${file} in the image, or run it through its interpreter`,
    }),
  });
}

function denial(syscalls: Syscalls, file: string): string {
  try {
    const { mode } = syscalls.statx(AT_FDCWD, file, 0);
    if ((mode & S.IFMT) === S.IFDIR) return 'is a directory';
    return mode & 0o111 ? 'not permitted here (a noexec mount, or a directory above it)' : 'not executable';
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'ENOENT')) throw error;
    return 'not reachable for this user';
  }
}

function explainFormat(syscalls: Syscalls, file: string, cause: unknown): GockerError {
  const header = readHeader(syscalls, file);
  return new GockerError('EXEC_FORMAT', `exec ${file}: exec format error: ${formatReason(header)}`, {
    exitCode: EXIT.NOT_EXECUTABLE,
    cause,
    hint:
      header?.kind === 'elf'
        ? `pull the image for this machine: gocker pull --platform linux/${hostArchitecture()} IMAGE`
        : 'a script needs a first line such as #!/bin/sh',
  });
}

function formatReason(header: Header | undefined): string {
  if (header?.kind === 'elf')
    return `it is built for ${header.architecture}, this machine is ${hostArchitecture()}`;
  if (header?.kind === 'empty') return 'it is empty';
  return 'it is neither a program of this machine nor a script with a #! line';
}

function hostArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

function notFound(message: string, hint?: string): GockerError {
  return new GockerError('PROGRAM_NOT_FOUND', message, { exitCode: EXIT.NOT_FOUND, hint });
}

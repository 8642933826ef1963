import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, GockerError } from '../errors.ts';

/** docker's own name first; all of them reap processes and hand signals on. */
const NAMES = ['docker-init', 'catatonit', 'tini-static', 'tini'];
const ELF_BYTES = 4096;
/** elf(5): 64-bit headers; a program header of type PT_INTERP names the dynamic loader. */
const PT_INTERP = 3;
const OFFSET = { magic: 0, phoff: 32, phentsize: 54, phnum: 56 };

/**
 * The program of --init in `path` (as $PATH). It must be static: a container need not have the libraries of the host.
 * Throws NO_INIT_PROGRAM.
 */
export function findInitProgram(path: string): string {
  const directories = path.split(':').filter((directory) => directory.startsWith('/'));
  const found = NAMES.flatMap((name) => directories.map((directory) => join(directory, name))).filter(
    isExecutable,
  );
  const whole = found.find(isStatic);
  if (whole !== undefined) return whole;
  const dynamic = found.length > 0 ? ` (${found.join(', ')} needs libraries that a container may lack)` : '';
  throw new GockerError(
    'NO_INIT_PROGRAM',
    `--init: neither catatonit nor a static tini is on PATH${dynamic}`,
    {
      hint: 'install one: apt-get install catatonit',
      exitCode: EXIT.ENGINE,
    },
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isStatic(file: string): boolean {
  const head = Buffer.alloc(ELF_BYTES);
  const fd = openSync(file, 'r');
  try {
    readSync(fd, head, 0, ELF_BYTES, 0);
  } finally {
    closeSync(fd);
  }
  if (head.readUInt32BE(OFFSET.magic) !== 0x7f454c46) return false;
  const [first, size, count] = [
    Number(head.readBigUInt64LE(OFFSET.phoff)),
    head.readUInt16LE(OFFSET.phentsize),
    head.readUInt16LE(OFFSET.phnum),
  ];
  const types = Array.from({ length: count }, (_, at) => first + at * size)
    .filter((at) => at + 4 <= ELF_BYTES)
    .map((at) => head.readUInt32LE(at));
  return !types.includes(PT_INTERP);
}

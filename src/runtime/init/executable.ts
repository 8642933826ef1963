import { AT, AT_FDCWD, O, S } from '../../../native/constants.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { hasCode } from '../../errors.ts';

/** What the first bytes of a file say. */
export interface Header {
  kind: 'elf' | 'script' | 'empty' | 'other';
  /** The script's `#!` program, or the ELF file's PT_INTERP. */
  interpreter?: string;
  /** As images name it: `amd64`, `arm64`. */
  architecture?: string;
}

const HEAD = 4096;
const ELF_MAGIC = '\x7fELF';
const PT_INTERP = 3;
/** `e_machine` (elf(5)). */
const MACHINES: Record<number, string> = {
  3: '386',
  21: 'ppc64le',
  22: 's390x',
  40: 'arm',
  62: 'amd64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
};

/** Undefined when there is no such regular file, or it cannot be read. */
export function readHeader(syscalls: Syscalls, file: string): Header | undefined {
  try {
    const fd = syscalls.openat(AT_FDCWD, file, O.RDONLY | O.NONBLOCK | O.NOCTTY | O.CLOEXEC);
    try {
      if ((syscalls.statx(fd, '', AT.EMPTY_PATH).mode & S.IFMT) !== S.IFREG) return undefined;
      return parseHeader(syscalls.read(fd, HEAD));
    } finally {
      syscalls.close(fd);
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP')) return undefined;
    throw error;
  }
}

/** Reads a `#!` line or an ELF header from the start of a file. */
export function parseHeader(head: Buffer): Header {
  if (head.length === 0) return { kind: 'empty' };
  if (head.toString('latin1', 0, 2) === '#!') return parseScript(head);
  if (head.toString('latin1', 0, 4) !== ELF_MAGIC || head.length < 64) return { kind: 'other' };
  return parseElf(head);
}

function parseScript(head: Buffer): Header {
  const line = head.toString('utf8', 2).split('\n', 1)[0] ?? '';
  const interpreter = line.replace(/^[ \t]+/, '').split(/[ \t]/, 1)[0] ?? '';
  return { kind: 'script', interpreter };
}

function parseElf(head: Buffer): Header {
  const wide = head[4] === 2;
  const little = head[5] === 1;
  const half = (at: number) => (little ? head.readUInt16LE(at) : head.readUInt16BE(at));
  const architecture = MACHINES[half(18)] ?? `machine ${half(18)}`;
  const interpreter = wide && little ? findInterpreter(head) : undefined;
  return { kind: 'elf', architecture, ...(interpreter !== undefined && { interpreter }) };
}

/** Looks through the program headers of a 64-bit little-endian file, as far as the head reaches. */
function findInterpreter(head: Buffer): string | undefined {
  const [start, entry, count] = [
    Number(head.readBigUInt64LE(32)),
    head.readUInt16LE(54),
    head.readUInt16LE(56),
  ];
  for (let at = start; at < start + entry * count && at + 56 <= head.length; at += entry) {
    if (head.readUInt32LE(at) !== PT_INTERP) continue;
    const offset = Number(head.readBigUInt64LE(at + 8));
    const end = head.indexOf(0, offset);
    return end > offset ? head.toString('utf8', offset, end) : undefined;
  }
  return undefined;
}

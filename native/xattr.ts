import { hasCode } from '../src/errors.ts';
import { bind } from './bind.ts';
import type { XattrCalls } from './syscalls.ts';
import { detail, fd, memory, number, path, size } from './words.ts';

const calls = {
  fsetxattr: bind({
    name: 'fsetxattr',
    parameters: [fd, { ...detail, subject: true }, memory, size, number],
  }),
  lsetxattr: bind({ name: 'lsetxattr', parameters: [path, detail, memory, size, number] }),
  lgetxattr: bind({ name: 'lgetxattr', parameters: [path, detail, memory, size] }),
  llistxattr: bind({ name: 'llistxattr', parameters: [path, memory, size] }),
  lremovexattr: bind({ name: 'lremovexattr', parameters: [path, detail] }),
};

/** xattr(7): a value and a list of names are at most 64 KiB each. */
const XATTR_MAX = 65536;
/** For what is copied out of it at once: a tree has one list of names for each of its files. */
const scratch = Buffer.alloc(XATTR_MAX);

export const xattrCalls: XattrCalls = {
  fsetxattr: (target, name, value, flags) => void calls.fsetxattr(target, name, value, value.length, flags),
  lsetxattr: (target, name, value, flags) => void calls.lsetxattr(target, name, value, value.length, flags),
  lgetxattr: (target, name) => {
    try {
      return Buffer.from(scratch.subarray(0, calls.lgetxattr(target, name, scratch, scratch.length)));
    } catch (error) {
      if (hasCode(error, 'ENODATA')) return undefined;
      throw error;
    }
  },
  llistxattr: (target) => {
    const length = calls.llistxattr(target, scratch, scratch.length);
    return scratch.toString('latin1', 0, length).split('\0').slice(0, -1);
  },
  lremovexattr: (target, name) => void calls.lremovexattr(target, name),
};

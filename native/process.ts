import { bind } from './bind.ts';
import { KEYCTL, PR, RLIMIT } from './constants.ts';
import { resetSignals } from './signals.ts';
import type { Path, ProcessCalls } from './syscalls.ts';
import {
  choice,
  fd,
  long,
  memory,
  number,
  type Parameter,
  path,
  size,
  terminated,
  text,
  unsigned,
} from './words.ts';

/** A NULL-terminated array of C strings, as execve(2) takes: bytes, each checked for NUL. */
const strings: Parameter = {
  type: 'void **',
  encode: (value) => [...(value as Path[]).map((item) => bytes(item)), null],
  show: (value) => JSON.stringify((value as Path[]).map(String)),
};

function bytes(item: Path): Buffer {
  const checked = terminated(item);
  return Buffer.isBuffer(checked) ? checked : Buffer.from(`${checked}\0`);
}

const calls = {
  prctl: bind({ name: 'prctl', parameters: [choice('PR_', PR), long, long, long, long] }),
  setsid: bind({ name: 'setsid', parameters: [] }),
  pidfd_open: bind({ name: 'pidfd_open', number: 434, parameters: [number, unsigned] }),
  pidfd_send_signal: bind({
    name: 'pidfd_send_signal',
    number: 424,
    parameters: [fd, number, memory, unsigned],
  }),
  pidfd_getfd: bind({ name: 'pidfd_getfd', number: 438, parameters: [fd, fd, unsigned] }),
  execve: bind({ name: 'execve', parameters: [path, strings, strings] }),
  _exit: bind({ name: '_exit', parameters: [number] }),
  prlimit: bind({ name: 'prlimit', parameters: [number, choice('RLIMIT_', RLIMIT), memory, memory] }),
  setgroups: bind({ name: 'setgroups', number: [116, 159], parameters: [size, memory] }),
  setresuid: bind({ name: 'setresuid', number: [117, 147], parameters: [unsigned, unsigned, unsigned] }),
  setresgid: bind({ name: 'setresgid', number: [119, 149], parameters: [unsigned, unsigned, unsigned] }),
  capset: bind({ name: 'capset', number: [126, 91], parameters: [memory, memory] }),
  capget: bind({ name: 'capget', number: [125, 90], parameters: [memory, memory] }),
  sched_setaffinity: bind({ name: 'sched_setaffinity', parameters: [number, size, memory] }),
  setpriority: bind({ name: 'setpriority', parameters: [number, unsigned, number] }),
  keyctl: bind({
    name: 'keyctl',
    number: [250, 219],
    parameters: [choice('KEYCTL_', KEYCTL), text, long, long, long],
  }),
};

/** `_LINUX_CAPABILITY_VERSION_3`, capget(2): two 32-bit words for each set. */
const CAPABILITY_VERSION_3 = 0x20080522;
const WORD = 0xffffffffn;

function capabilityHeader(): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(CAPABILITY_VERSION_3, 0);
  return header;
}

function setCapabilities(sets: { effective: bigint; permitted: bigint; inheritable: bigint }): void {
  const data = Buffer.alloc(24);
  [sets.effective, sets.permitted, sets.inheritable].forEach((mask, at) => {
    data.writeUInt32LE(Number(mask & WORD), 4 * at);
    data.writeUInt32LE(Number(mask >> 32n), 4 * at + 12);
  });
  calls.capset(capabilityHeader(), data);
}

function getCapabilities() {
  const data = Buffer.alloc(24);
  calls.capget(capabilityHeader(), data);
  const mask = (at: number) => (BigInt(data.readUInt32LE(at + 12)) << 32n) | BigInt(data.readUInt32LE(at));
  return { effective: mask(0), permitted: mask(4), inheritable: mask(8) };
}

function prlimit(pid: number, resource: number, limit?: { soft: bigint; hard: bigint }) {
  const before = Buffer.alloc(16);
  const next = limit ? Buffer.alloc(16) : null;
  next?.writeBigUInt64LE(limit?.soft ?? 0n, 0);
  next?.writeBigUInt64LE(limit?.hard ?? 0n, 8);
  calls.prlimit(pid, resource, next, before);
  return { soft: before.readBigUInt64LE(0), hard: before.readBigUInt64LE(8) };
}

function unreachable(call: string): never {
  throw new Error(`${call} returned`);
}

export const processCalls: ProcessCalls = {
  prctl: (option, arg2, arg3 = 0, arg4 = 0, arg5 = 0) => calls.prctl(option, arg2, arg3, arg4, arg5),
  getpid: () => process.pid,
  setsid: () => calls.setsid(),
  pidfd_open: (pid, flags) => calls.pidfd_open(pid, flags),
  pidfd_send_signal: (pidfd, signal) => void calls.pidfd_send_signal(pidfd, signal, null, 0),
  pidfd_getfd: (pidfd, target) => calls.pidfd_getfd(pidfd, target, 0),
  execve: (file, argv, env) => {
    calls.execve(file, argv, env);
    return unreachable('execve');
  },
  _exit: (status) => {
    calls._exit(status);
    return unreachable('_exit');
  },
  prlimit,
  setgroups: (groups) => {
    const list = Buffer.alloc(4 * groups.length);
    groups.forEach((group, at) => {
      list.writeUInt32LE(group, 4 * at);
    });
    calls.setgroups(groups.length, list);
  },
  setresuid: (...ids) => void calls.setresuid(...ids),
  setresgid: (...ids) => void calls.setresgid(...ids),
  capset: setCapabilities,
  capget: getCapabilities,
  resetSignals,
  sched_setaffinity: (pid, mask) => void calls.sched_setaffinity(pid, mask.length, mask),
  setpriority: (which, who, priority) => void calls.setpriority(which, who, priority),
  keyctl: (operation, name, arg3 = 0, arg4 = 0, arg5 = 0) => calls.keyctl(operation, name, arg3, arg4, arg5),
};

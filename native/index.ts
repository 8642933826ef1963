/** The real kernel calls. Nothing outside this folder knows koffi. */
import { fileCalls } from './file.ts';
import { mountCalls } from './mount.ts';
import { namespaceCalls } from './namespace.ts';
import { processCalls } from './process.ts';
import { socketCalls } from './socket.ts';
import type { Syscalls } from './syscalls.ts';
import { terminalCalls } from './terminal.ts';
import { xattrCalls } from './xattr.ts';

export { resolveCalls } from './bind.ts';
export { SyscallError } from './errors.ts';
export { because, type Observation, type Observer, observe } from './observer.ts';
export type { FileStat, OpenHow, Path, Syscalls } from './syscalls.ts';

/** Every kernel call, done for real by the calling thread. */
export function createSyscalls(): Syscalls {
  return {
    ...fileCalls,
    ...xattrCalls,
    ...mountCalls,
    ...namespaceCalls,
    ...processCalls,
    ...terminalCalls,
    ...socketCalls,
  };
}

import { AT_FDCWD, CLONE, O } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { CONTAINER_FD, type InitRequest } from '../protocol.ts';
import { joinCgroups, openCgroups } from './cgroups.ts';
import type { Channel } from './channel.ts';
import { openConsole } from './console.ts';
import type { Root } from './in-root.ts';
import { resetAttributes } from './process-attributes.ts';
import { startProgram } from './start-program.ts';

const JOINED = CLONE.NEWNS | CLONE.NEWUTS | CLONE.NEWIPC | CLONE.NEWNET | CLONE.NEWCGROUP;

/** Joins a running container, whose PID namespace this process was born in, and becomes the program. */
export function execInContainer(
  syscalls: Syscalls,
  request: InitRequest & { kind: 'exec' },
  channel: Channel,
): never {
  const cgroups = openCgroups(syscalls, request.cgroup.procs);
  enterContainer(syscalls);
  const terminal = request.process.terminal ? openConsole(rootOf(syscalls), request.process.size) : undefined;
  if (terminal) channel.report({ type: 'console', fd: terminal.master });
  channel.awaitGo();
  if (terminal) syscalls.close(terminal.master);
  resetAttributes(syscalls, request.process);
  const joinAll = () => joinCgroups(syscalls, cgroups);
  return startProgram(syscalls, request.process, { terminal, joinCgroups: joinAll });
}

/** setns(2) refuses a mount namespace while the root directory is shared with other threads: unshare CLONE_FS first. */
function enterContainer(syscalls: Syscalls): void {
  because("enter the container's namespaces", () => {
    syscalls.unshare(CLONE.FS);
    syscalls.setns(CONTAINER_FD, JOINED);
    syscalls.close(CONTAINER_FD);
  });
}

function rootOf(syscalls: Syscalls): Root {
  return { syscalls, fd: syscalls.openat(AT_FDCWD, '/', O.PATH | O.DIRECTORY | O.CLOEXEC) };
}

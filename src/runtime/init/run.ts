import { CLONE } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import type { InitRequest } from '../protocol.ts';
import type { ContainerPlan } from '../types.ts';
import { attachBinds, holdBinds } from './binds.ts';
import { joinCgroups, openCgroups, showCgroups } from './cgroups.ts';
import type { Channel } from './channel.ts';
import { type Console, mountConsole, openConsole } from './console.ts';
import { populateDev } from './devices.ts';
import { ensureDirectory, locate, type Root } from './in-root.ts';
import { maskPaths } from './masks.ts';
import { settleNetwork } from './network.ts';
import { makeMountsPrivate, pivotRoot } from './pivot.ts';
import { resetAttributes } from './process-attributes.ts';
import { mountRootfs } from './rootfs.ts';
import { mountStandard } from './standard-mounts.ts';
import { cannotEnter, startProgram } from './start-program.ts';

/** Makes the container around this process, which is PID 1 of its PID namespace already, and becomes its program. */
export function runContainer(
  syscalls: Syscalls,
  request: InitRequest & { kind: 'run' },
  channel: Channel,
): never {
  const { plan, cgroup } = request;
  enterNamespaces(syscalls, plan);
  channel.report({ type: 'created' });
  const cgroups = openCgroups(syscalls, cgroup.procs);
  const root = buildRoot(syscalls, plan);
  const cgroupPlace = locate(root, '/sys/fs/cgroup');
  const terminal = plan.process.terminal ? prepareConsole(root, plan) : undefined;
  pivotRoot(root);
  syscalls.close(root.fd);
  because(`hostname ${plan.hostname}`, () => syscalls.sethostname(plan.hostname));
  because('a session keyring of its own', () => joinKeyring(syscalls, plan.id));
  if (terminal) channel.report({ type: 'console', fd: terminal.master });
  channel.awaitGo();
  if (terminal) syscalls.close(terminal.master);
  resetAttributes(syscalls);
  const joinAll = () => {
    joinCgroups(syscalls, cgroups);
    showCgroups(syscalls, cgroup.views, cgroupPlace);
  };
  return startProgram(syscalls, plan.process, { terminal, joinCgroups: joinAll });
}

function enterNamespaces(syscalls: Syscalls, plan: ContainerPlan): void {
  const network = plan.network === 'private' ? CLONE.NEWNET : 0;
  because('new namespaces', () => syscalls.unshare(CLONE.NEWNS | CLONE.NEWUTS | CLONE.NEWIPC | network));
  makeMountsPrivate(syscalls);
  // Modes below are meant as they are written.
  syscalls.umask(0);
}

function buildRoot(syscalls: Syscalls, plan: ContainerPlan): Root {
  const held = holdBinds(syscalls, plan.binds);
  const root = mountRootfs(syscalls, plan.rootfs, plan.rootDirectory);
  mountStandard(root);
  if (plan.network === 'private') settleNetwork(root);
  const devices = populateDev(root);
  attachBinds(root, held);
  maskPaths(root, devices);
  makeWorkingDirectory(root, plan.process.cwd);
  return root;
}

function makeWorkingDirectory(root: Root, cwd: string): void {
  try {
    root.syscalls.close(because(`make ${cwd}`, () => ensureDirectory(root, cwd)));
  } catch (error) {
    throw cannotEnter(cwd, error);
  }
}

function prepareConsole(root: Root, plan: ContainerPlan): Console {
  const terminal = openConsole(root, plan.process.size);
  mountConsole(root, terminal);
  return terminal;
}

/** A kernel without keyrings, or with no room for one more, has none to hide. */
function joinKeyring(syscalls: Syscalls, id: string): void {
  try {
    syscalls.keyctl(1, `_ses.${id}`);
  } catch (error) {
    if (!['ENOSYS', 'EDQUOT', 'EPERM', 'EACCES'].includes((error as { code: string }).code)) throw error;
  }
}

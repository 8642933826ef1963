import { CLONE, MOUNT_ATTR } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { setAttributes } from '../new-mount.ts';
import type { InitRequest } from '../protocol.ts';
import type { ContainerPlan } from '../types.ts';
import { attachBinds } from './binds.ts';
import { joinCgroups, openCgroups, showCgroups } from './cgroups.ts';
import type { Channel } from './channel.ts';
import { type Console, mountConsole, openConsole } from './console.ts';
import { populateDev } from './devices.ts';
import { type HeldBind, holdBinds, isPropagating } from './hold.ts';
import { findDevices } from './host-devices.ts';
import { ensureDirectory, locate, type Root } from './in-root.ts';
import { enterNetwork } from './join-network.ts';
import { maskPaths } from './masks.ts';
import { settleNetwork } from './network.ts';
import { makeMountsPrivate, pivotRoot } from './pivot.ts';
import { resetAttributes } from './process-attributes.ts';
import { mountRootfs } from './rootfs.ts';
import { mountStandard } from './standard-mounts.ts';
import { cannotEnter, startProgram } from './start-program.ts';
import { setSysctls } from './sysctls.ts';
import { makeTmpfs } from './tmpfs.ts';

/** Makes the container around this process, which is PID 1 of its PID namespace already, and becomes its program. */
export function runContainer(
  syscalls: Syscalls,
  request: InitRequest & { kind: 'run' },
  channel: Channel,
): never {
  const { plan, cgroup } = request;
  const { settings = {} } = plan;
  const propagating = enterNamespaces(syscalls, plan);
  channel.report({ type: 'created' });
  const cgroups = openCgroups(syscalls, cgroup.procs);
  const root = buildRoot(syscalls, plan, propagating);
  const cgroupPlace = locate(root, '/sys/fs/cgroup');
  const terminal = plan.process.terminal ? prepareConsole(root, plan) : undefined;
  if (settings.readonlyRootfs) protectRoot(root);
  pivotRoot(root);
  syscalls.close(root.fd);
  if (settings.uts === undefined)
    because(`hostname ${plan.hostname}`, () => syscalls.sethostname(plan.hostname));
  because('a session keyring of its own', () => joinKeyring(syscalls, plan.id));
  if (terminal) channel.report({ type: 'console', fd: terminal.master });
  channel.awaitGo();
  if (terminal) syscalls.close(terminal.master);
  resetAttributes(syscalls, plan.process);
  const joinAll = () => {
    joinCgroups(syscalls, cgroups);
    const readonly = !settings.privileged;
    showCgroups(syscalls, { views: cgroup.views, place: cgroupPlace, readonly });
  };
  return startProgram(syscalls, plan.process, { terminal, joinCgroups: joinAll });
}

/** Returns the mounts that had to be held while the host's were not private yet. */
function enterNamespaces(syscalls: Syscalls, plan: ContainerPlan): HeldBind[] {
  const { network, settings = {} } = plan;
  if (typeof network === 'object') enterNetwork(syscalls, network.join);
  const own = [
    network === 'private' ? CLONE.NEWNET : 0,
    settings.uts === 'host' ? 0 : CLONE.NEWUTS,
    settings.ipc === 'host' ? 0 : CLONE.NEWIPC,
  ];
  because('new namespaces', () => syscalls.unshare(own.reduce((all, one) => all | one, CLONE.NEWNS)));
  const propagating = holdBinds(syscalls, plan.binds.filter(isPropagating), plan.rootDirectory);
  makeMountsPrivate(syscalls);
  // Modes below are meant as they are written.
  syscalls.umask(0);
  return propagating;
}

function buildRoot(syscalls: Syscalls, plan: ContainerPlan, propagating: HeldBind[]): Root {
  const { settings = {} } = plan;
  const binds = plan.binds.filter((bind) => !isPropagating(bind));
  const own = holdBinds(syscalls, binds, plan.rootDirectory);
  const held = [...propagating, ...own, ...makeTmpfs(syscalls, settings.tmpfs ?? [])];
  const hostDevices = findDevices(syscalls, settings);
  const opensDevices = settings.privileged ?? false;
  const root = mountRootfs(syscalls, { mounts: plan.rootfs, directory: plan.rootDirectory, opensDevices });
  mountStandard(root, settings);
  if (plan.network === 'private') settleNetwork(root);
  setSysctls(root, settings.sysctls ?? {});
  const devices = populateDev(root, hostDevices);
  attachBinds(root, held);
  if (!settings.privileged) maskPaths(root, devices);
  makeWorkingDirectory(root, plan.process.cwd);
  return root;
}

/** Last of all: places to mount at are made until then. What is mounted below stays as it is. */
function protectRoot({ syscalls, fd }: Root): void {
  because('make the root read-only', () => setAttributes(syscalls, fd, MOUNT_ATTR.RDONLY));
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

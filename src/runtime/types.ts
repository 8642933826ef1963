/** What the runtime is told: a container as data. Built by `src/container`, executed by `src/runtime`. */
import type { Mount } from '../driver/index.ts';
import type { FineLimits } from './cgroup/fine-limits.ts';
import type { CgroupUsage } from './cgroup/usage.ts';
import type { Kind } from './copy/look.ts';
import type { ExtractRequest, PackRequest } from './copy/protocol.ts';
import type { StoppedFiles } from './copy/root.ts';
import type { Asked, Granted } from './grant.ts';
import type { ContainerSettings, Ulimit } from './settings.ts';

/** Limits of a container's cgroup; absent means unlimited. */
export interface Limits extends FineLimits {
  /** Bytes. */
  memory?: number;
  /** Bytes of memory and swap together, -1 for unlimited swap (docker's --memory-swap). */
  memorySwap?: number;
  /** CPUs, 0.5 is half of one. */
  cpus?: number;
  pids?: number;
}

/** A file or directory of the host that appears in the container. */
export interface BindMount {
  /** Absolute host path. */
  source: string;
  /** Absolute path in the container; resolved inside its root only. */
  destination: string;
  readonly: boolean;
  /** Binds what is mounted below the source too. */
  recursive: boolean;
  /** With `readonly`: what is mounted below the source can be written to all the same. */
  topReadonly?: boolean;
  /** Whether later mounts below the source appear on the other side; not at all when absent. */
  propagation?: Propagation;
  /** What of the source is taken; nothing leads out of it. */
  subpath?: string;
  /** Owners are seen as others: first ID on the file system, first ID that is seen, how many. */
  idmap?: IdMap;
  /** A path of that user namespace, for as long as init reads it; made by the runtime. */
  userNamespace?: string;
  /** Read-only layers that are mounted in place of a source. */
  layers?: Mount[];
}

/** mount_namespaces(7), "SHARED SUBTREES"; an `r` means what is mounted below too. */
export type Propagation = 'private' | 'rprivate' | 'shared' | 'rshared' | 'slave' | 'rslave';

export interface IdMap {
  uids: IdRange[];
  gids: IdRange[];
}

export type IdRange = [onDisk: number, seen: number, count: number];

/** One program to run in a container, by `run` or `exec`. */
export interface ProcessPlan {
  /** The program and its arguments; at least one. */
  args: string[];
  /** `KEY=value`, image's and user's merged; HOME is added from the container's passwd when absent. */
  env: string[];
  /** Absolute; `run` creates it, `exec` does not. */
  cwd: string;
  /** `user[:group]`, names or numbers, looked up in the container's own files; empty for root. */
  user: string;
  /** Supplementary groups by name or number, on top of the user's. */
  groups: string[];
  /** Capability names as CAP_CHOWN. */
  capabilities: string[];
  terminal: boolean;
  /** Rows and columns of the terminal at start. */
  size?: { rows: number; columns: number };
  /** With `false` the program reads /dev/null. */
  stdin: boolean;
  /** Resource limits other than the usual ones. */
  ulimits?: Ulimit[];
  /** setuid programs and file capabilities give it nothing more (prctl(2), PR_SET_NO_NEW_PRIVS). */
  noNewPrivileges?: boolean;
  /** -1000 to 1000; 0 when absent. */
  oomScoreAdj?: number;
  /** Lives on when its supervisor ends; what it writes goes nowhere where it has no terminal. */
  outlives?: boolean;
}

/** Everything `run` needs to make a container. */
export interface ContainerPlan {
  id: string;
  hostname: string;
  /** The root file system, from the storage driver, not mounted yet. */
  rootfs: Mount[];
  /** Where the rootfs is mounted inside init's own mount namespace: an empty directory of this container's. */
  rootDirectory: string;
  binds: BindMount[];
  /** A namespace of its own, the host's, or that of another container, whose PID 1 this is. */
  network: 'private' | 'host' | { join: ProcessIdentity };
  limits: Limits;
  process: ProcessPlan;
  settings?: ContainerSettings;
}

/** A process named so that a recycled pid is never taken for it. */
export interface ProcessIdentity {
  pid: number;
  /** Field 22 of /proc/PID/stat, clock ticks since boot. */
  startTime: string;
  /** /proc/sys/kernel/random/boot_id. */
  bootId: string;
}

/** How a program ended. */
export interface Outcome {
  /** As docker reports it: the program's own, or 128 + the signal's number. */
  exitCode: number;
  /** The kernel's OOM killer struck inside the container's cgroup. */
  oomKilled: boolean;
  /** Why not all that it wrote could be handed on. */
  outputError?: Error;
}

/** The streams a program is connected to; the supervisor relays. */
export interface Streams {
  stdin?: NodeJS.ReadStream | NodeJS.ReadableStream;
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
}

/** A program that has started. */
export interface RunningProcess {
  identity: ProcessIdentity;
  /** Sends a signal by number; false when it is already gone. */
  signal(signal: number): boolean;
  /** A new size of the terminal; nothing without one. */
  resize(size: { rows: number; columns: number }): void;
  /** Ends when the program has ended, all its output is relayed and, for a container, its cgroup is gone. */
  wait(): Promise<Outcome>;
}

/** A further program in a container. */
export interface FurtherProcess extends RunningProcess {
  /** Lets go of a program that outlives this process; what it writes to its terminal from now on is thrown away. */
  leave(): void;
}

/** What `cp` does with roots, which are fds of directories. */
export interface CopyCalls {
  /** The root of a running container with all that is mounted in it. Throws CONTAINER_NOT_RUNNING. */
  openRunning(identity: ProcessIdentity): number;
  /** The same without what is mounted in it. */
  openRunningFiles(identity: ProcessIdentity): number;
  /** The files of a container that does not run, mounted for us alone. */
  openStopped(files: StoppedFiles): Promise<number>;
  close(root: number): void;
  kindOf(root: number, look: { path: string; follow: boolean }): Kind;
  pack(root: number, request: Omit<PackRequest, 'kind'>, to: NodeJS.WritableStream): Promise<void>;
  extract(root: number, request: Omit<ExtractRequest, 'kind'>, from: NodeJS.ReadableStream): Promise<void>;
  /** From one root into another; resolves to the bytes of archive that went. */
  transfer(
    from: { root: number; request: Omit<PackRequest, 'kind'> },
    to: { root: number; request: Omit<ExtractRequest, 'kind'> },
  ): Promise<number>;
}

/**
 * What `src/container` calls. Both reject with a GockerError whose exitCode is 125 (could not be made), 126 (found, not
 * runnable) or 127 (not found) when the program never ran; nothing is left behind then.
 */
export interface Runtime {
  /**
   * Starts the next container's init ahead of time, so that it boots while the image is looked up; `run` takes it.
   * Without a `run`, it ends with this process.
   */
  warm(): void;
  /**
   * Says that the init which waits will be that of the container `id`, and lets the kernel move it to that one's cgroups, which
   * takes its time. Nothing without such an init. `run` goes on with it, `destroy` ends it.
   */
  place(id: string): void;
  /** What of the limits this host can hold, with a line for each that it cannot. Throws for what is out of its range. */
  grant(asked: Asked): Granted;
  /** The capabilities that gocker itself can hand on. */
  capabilities(): string[];
  /** Makes the container and starts its program as PID 1. `onCreated` is told the identity before the program runs. */
  run(
    plan: ContainerPlan,
    streams: Streams,
    onCreated: (identity: ProcessIdentity) => void | Promise<void>,
  ): Promise<RunningProcess>;
  /** Starts a program in a running container. `container` is its PID 1; `id` names its cgroup. */
  exec(
    container: ProcessIdentity,
    id: string,
    process: ProcessPlan,
    streams: Streams,
  ): Promise<FurtherProcess>;
  /** Sends a signal, by number, to exactly that process; false when it has ended. */
  signal(identity: ProcessIdentity, signal: number): boolean;
  /** True while exactly that process lives (not a zombie). */
  isAlive(identity: ProcessIdentity): boolean;
  /** Kills everything in the container's cgroup and removes it; idempotent, for dead and half-made containers. */
  destroy(id: string): Promise<void>;
  copy: CopyCalls;
  /** Changes limits of a running container: what changes, and how all its limits are then. Throws CGROUP_LIMIT. */
  update(id: string, change: Limits, all: Limits): void;
  /** The pids of its processes, as the host has them. */
  processes(id: string): number[];
  /** What it uses; zero for one that does not run. */
  usage(id: string): CgroupUsage;
  /** True while all processes of a container are stopped by `setFrozen`. */
  isFrozen(id: string): boolean;
  /** Stops all processes of a container, or lets them go on. Throws NO_FREEZER, FREEZE_FAILED. */
  setFrozen(id: string, frozen: boolean): Promise<void>;
  /** True when the kernel counted an OOM kill in the container's cgroup, which must still exist. */
  oomKilled(id: string): boolean;
}

/**
 * What the supervisor and init say to each other. Two pipes, one JSON document a line: requests on CONTROL_FD, reports on
 * REPORT_FD. Init reports `created` when its namespaces exist and `console` when it has a terminal, waits for `go`, and
 * becomes the program: then the report pipe, close-on-exec, ends. An `error` before that says what failed.
 */
import type { ContainerPlan, ProcessPlan } from './types.ts';

/** Where init writes reports; the lowest, since it is the last to stay open. */
export const REPORT_FD = 3;
/** Where init reads requests. */
export const CONTROL_FD = 4;
/** Where init finds a pidfd of the container it enters; only for `exec`. */
export const CONTAINER_FD = 5;

/** A cgroup hierarchy as it shall appear below /sys/fs/cgroup. */
export interface CgroupView {
  type: 'cgroup' | 'cgroup2';
  /** Directory below /sys/fs/cgroup; empty for cgroup v2 alone. */
  name: string;
  /** Mount options that name the hierarchy: `cpu`, `cpuacct`, `name=systemd`. */
  options: string[];
}

export interface CgroupRequest {
  /** Absolute `cgroup.procs` files that init joins through by itself, at the last moment. */
  procs: string[];
  views: CgroupView[];
}

export type InitRequest =
  | { kind: 'run'; plan: ContainerPlan; cgroup: CgroupRequest }
  | { kind: 'exec'; process: ProcessPlan; cgroup: CgroupRequest };

/** Why init could not become the program. */
export interface InitFailure {
  /** What it was doing: `mount /proc`. */
  step: string;
  code: string;
  message: string;
  hint?: string;
  exitCode: number;
}

export type InitReport =
  | { type: 'created' }
  | { type: 'console'; fd: number }
  | { type: 'becoming' }
  | { type: 'error'; failure: InitFailure };

/** The word that lets init go on once networks are attached and the record is written. */
export const GO = 'go';

/** One message as it goes over a pipe. */
export function encodeMessage(message: InitRequest | InitReport | typeof GO): string {
  return `${JSON.stringify(message)}\n`;
}

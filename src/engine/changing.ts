/** Use-cases about containers that are there: what changes them, and what asks the kernel how they do. */
import type { ContainerContext } from '../container/context.ts';
import { type CopyRequest, copyArchiveIn, copyArchiveOut, copyIn, copyOut } from '../container/copy/copy.ts';
import { diffContainer } from '../container/diff.ts';
import { findContainer } from '../container/find.ts';
import { listContainers } from '../container/list.ts';
import { pauseContainer, unpauseContainer } from '../container/pause.ts';
import { type Pruned, pruneContainers } from '../container/prune.ts';
import { renameContainer } from '../container/rename.ts';
import { measure, type Stats } from '../container/stats.ts';
import { type ProcessTable, topContainer } from '../container/top.ts';
import { updateContainer } from '../container/update.ts';
import type { Change } from '../driver/index.ts';
import type { Limits } from '../runtime/types.ts';

export interface StatsOptions {
  /** All that run when empty. */
  containers?: string[];
  /** Those too that do not run. */
  all?: boolean;
  /** How long to measure. */
  milliseconds: number;
}

export interface Changing {
  pauseContainer(container: string): Promise<void>;
  unpauseContainer(container: string): Promise<void>;
  renameContainer(container: string, name: string): Promise<void>;
  updateContainer(container: string, limits: Limits): Promise<void>;
  pruneContainers(filters: string[]): Promise<Pruned>;
  topContainer(container: string, options: string[]): Promise<ProcessTable>;
  containerStats(options: StatsOptions): Promise<Stats[]>;
  diffContainer(container: string): Promise<Change[]>;
  /** Copies from a container to the host, and the other way; both resolve to the bytes that went. */
  copyOut(request: CopyRequest, host: HostPath): Promise<number>;
  copyIn(request: CopyRequest, host: HostPath): Promise<number>;
  copyArchiveOut(request: CopyRequest, to: NodeJS.WritableStream): Promise<void>;
  copyArchiveIn(request: CopyRequest, from: NodeJS.ReadableStream): Promise<void>;
}

/** A path and what it is relative to. */
export interface HostPath {
  path: string;
  cwd: string;
}

export function changing(ready: () => Promise<ContainerContext>): Changing {
  return {
    pauseContainer: async (text) => pauseContainer(await ready(), text),
    unpauseContainer: async (text) => unpauseContainer(await ready(), text),
    renameContainer: async (text, name) => renameContainer(await ready(), text, name),
    updateContainer: async (text, limits) => updateContainer(await ready(), text, limits),
    pruneContainers: async (filters) => pruneContainers(await ready(), filters),
    topContainer: async (text, options) => topContainer(await ready(), text, options),
    containerStats: async (options) => statsOf(await ready(), options),
    diffContainer: async (text) => diffContainer(await ready(), text),
    copyOut: async (request, host) => copyOut(await ready(), request, host),
    copyIn: async (request, host) => copyIn(await ready(), request, host),
    copyArchiveOut: async (request, to) => copyArchiveOut(await ready(), request, to),
    copyArchiveIn: async (request, from) => copyArchiveIn(await ready(), request, from),
  };
}

async function statsOf(context: ContainerContext, options: StatsOptions): Promise<Stats[]> {
  const { containers: names = [], all = false, milliseconds } = options;
  const chosen =
    names.length > 0
      ? await Promise.all(names.map((name) => findContainer(context, name)))
      : (await listContainers(context)).containers.filter(({ state }) => all || state.status === 'running');
  return await measure(context, chosen, milliseconds);
}

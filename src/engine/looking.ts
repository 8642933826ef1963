/** Use-cases that look at containers and change nothing. */
import type { ContainerContext } from '../container/context.ts';
import { filterContainers, parseFilters } from '../container/filter.ts';
import { findContainer } from '../container/find.ts';
import { publishedPorts } from '../container/inspect/network-settings.ts';
import { inspectContainer } from '../container/inspect.ts';
import { listContainers } from '../container/list.ts';
import { logPathOf } from '../container/logs/open.ts';
import { directoryOf } from '../container/paths.ts';
import { portList } from '../container/port-list.ts';
import { runningIdentity } from '../container/running.ts';
import type { Container } from '../container/schema.ts';
import { type ContainerSize, sizeOf } from '../container/size.ts';
import { requireVolume, volumeNames } from '../container/volumes/record.ts';
import type { PublishedPort } from '../driver/index.ts';
import { type GockerError, hasCode, NotFoundError } from '../errors.ts';
import { noSuch } from '../image/printable.ts';
import { inspectImage } from './images.ts';
import type { Parts } from './parts.ts';
import { inspectVolume } from './volumes.ts';

/** A container as it is right now. */
export interface ContainerSummary {
  container: Container;
  /** Its PID 1 lives. */
  running: boolean;
  /** `created`, `running`, `paused`, `restarting`, `exited`. */
  status: string;
  /** `none` without health checks. */
  health: string;
  /** Its ports in one line, and those that are published; in lists of containers. */
  ports?: string;
  published?: PublishedPort[];
  /** When it was asked for. */
  size?: ContainerSize;
}

export interface ListOptions {
  /** Those too that do not run. */
  all?: boolean;
  /** Only the N newest, running or not. */
  last?: number;
  /** `key=value`, see `container/filter.ts`. */
  filters?: string[];
  /** Counts the bytes of each. */
  size?: boolean;
}

export type ContainerInspection = ReturnType<typeof inspectContainer>;

export interface Looking {
  /** Newest first. Those whose record cannot be read are apart. */
  listContainers(options?: ListOptions): Promise<{
    containers: ContainerSummary[];
    damaged: { id: string; error: GockerError }[];
  }>;
  inspectContainer(container: string, options?: { size?: boolean }): Promise<ContainerInspection>;
  /** A container, or else an image, or else a volume, of that name. */
  inspect(name: string, options?: { size?: boolean }): Promise<unknown>;
}

export function looking(parts: Parts, ready: () => Promise<ContainerContext>): Looking {
  const inspectOne: Looking['inspectContainer'] = async (text, { size = false } = {}) => {
    const context = await ready();
    const container = await findContainer(context, text);
    const { running, status } = present(context, container);
    return inspectContainer(container, {
      running,
      paused: status === 'paused',
      directory: directoryOf(context.root, container.id),
      logPath: logPathOf(context.root, container.id),
      ...(size && { size: await sizeOf(await context.storage(container.config.storageDriver), container) }),
    });
  };
  return {
    listContainers: async (options = {}) => list(await ready(), options),
    inspectContainer: inspectOne,
    inspect: async (name, options) => {
      const context = await ready();
      try {
        return await inspectOne(name, options);
      } catch (error) {
        if (!hasCode(error, 'CONTAINER_NOT_FOUND')) throw error;
        return await inspectOther(parts, context, name);
      }
    },
  };
}

async function list(context: ContainerContext, options: ListOptions): ReturnType<Looking['listContainers']> {
  const filters = parseFilters(options.filters ?? []);
  const { containers, damaged } = await listContainers(context);
  const fitting = filterContainers(
    containers.map((container) => present(context, container)),
    filters,
  );
  const chosen = choose(fitting, { ...options, all: options.all || filters.status !== undefined });
  if (!options.size) return { containers: chosen, damaged };
  const counted = chosen.map(async (summary) => {
    const driver = await context.storage(summary.container.config.storageDriver);
    return { ...summary, size: await sizeOf(driver, summary.container) };
  });
  return { containers: await Promise.all(counted), damaged };
}

/** A container that waits to be started again counts as one that runs. */
const LISTED = ['running', 'restarting'];

/** docker's rule: a number means the newest of all, else only what runs is listed. */
function choose(summaries: ContainerSummary[], { all, last = -1 }: ListOptions): ContainerSummary[] {
  if (last > 0) return summaries.slice(0, last);
  return all ? summaries : summaries.filter(({ container }) => LISTED.includes(container.state.status));
}

function present(context: ContainerContext, container: Container): ContainerSummary {
  const { id, state } = container;
  const running = runningIdentity(context, container) !== undefined;
  const status = running && context.runtime.isFrozen(id) ? 'paused' : state.status;
  return {
    ...{ container, running, status, health: state.health?.status ?? 'none' },
    ports: portList(container.config, state.attachments),
    published: publishedPorts(state.attachments),
  };
}

async function inspectOther(parts: Parts, context: ContainerContext, name: string): Promise<unknown> {
  try {
    return await inspectImage(parts, name);
  } catch (error) {
    if (!hasCode(error, 'IMAGE_NOT_FOUND', 'INVALID_REFERENCE')) throw error;
    if ((await volumeNames(context.root)).names.includes(name))
      return inspectVolume(requireVolume(context.root, name));
    throw new NotFoundError('OBJECT_NOT_FOUND', noSuch('object', name), {
      hint: 'there are containers (gocker ps -a), images (gocker images) and volumes (gocker volume ls)',
    });
  }
}

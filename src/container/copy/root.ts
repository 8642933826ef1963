import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ConflictError } from '../../errors.ts';
import type { BindMount } from '../../runtime/types.ts';
import type { ContainerContext } from '../context.ts';
import { findContainer } from '../find.ts';
import { whileLocked } from '../lock.ts';
import { directoryOf } from '../paths.ts';
import { runningIdentity } from '../running.ts';
import type { Container } from '../schema.ts';
import { presentMounts } from '../volumes/mounts.ts';

export interface RootRequest {
  container: string;
  /** The path that is written to. */
  write?: string;
  /** Without what is or would be mounted in it. */
  bare?: boolean;
}

/**
 * Runs `work` with the root of a container as an fd, whether it runs or not. Nobody starts or removes meanwhile one that does
 * not. Throws a NotFoundError, a ConflictError for what must not be written to.
 */
export async function withRoot<T>(
  context: ContainerContext,
  { container: text, write, bare = false }: RootRequest,
  work: (root: number) => Promise<T>,
): Promise<T> {
  const container = await findContainer(context, text);
  const identity = runningIdentity(context, container);
  const { copy } = context.runtime;
  if (identity) {
    const root = bare ? copy.openRunningFiles(identity) : copy.openRunning(identity);
    return await using(context, root, work);
  }
  if (write !== undefined && isReadonly(container, write)) throw readonlyRoot(container);
  const result = await whileLocked(context, container.id, async (current) => {
    const driver = await context.storage(current.config.storageDriver);
    const directory = directoryOf(context.root, current.id);
    const binds = bare ? [] : bindsOf(directory, (await presentMounts(context, current)).binds);
    const files = { directory: join(directory, 'rootfs'), binds };
    const root = await copy.openStopped({ ...files, mounts: await driver.mounts(current.id) });
    return { value: await using(context, root, work) };
  });
  if (result) return result.value;
  throw new ConflictError('CONTAINER_GONE', `container "${container.config.name}" was removed meanwhile`);
}

/** Its mounts as they will be when it is started, those whose source is there. */
function bindsOf(directory: string, binds: BindMount[]): BindMount[] {
  const names: BindMount[] = ['hosts', 'hostname', 'resolv.conf'].map((name) => ({
    source: join(directory, name),
    destination: `/etc/${name}`,
    readonly: false,
    recursive: false,
  }));
  const own = names.filter(({ destination }) => binds.every((bind) => bind.destination !== destination));
  return [...own, ...binds].filter(({ source, layers }) => layers !== undefined || existsSync(source));
}

async function using<T>(
  { runtime }: ContainerContext,
  root: number,
  work: (root: number) => Promise<T>,
): Promise<T> {
  try {
    return await work(root);
  } finally {
    runtime.copy.close(root);
  }
}

/** By the path as it is written; a read-only mount says no by itself. */
function isReadonly({ config }: Container, path: string): boolean {
  const place = posix.resolve('/', path);
  const isBelow = (destination: string) => place === destination || place.startsWith(`${destination}/`);
  if (!config.settings.readonlyRootfs) return false;
  return !config.binds.some(({ destination, readonly }) => !readonly && isBelow(destination));
}

function readonlyRoot({ config }: Container): ConflictError {
  return new ConflictError('READ_ONLY', `the root of container "${config.name}" is read-only`, {
    hint: 'copy into one of its volumes while it runs',
  });
}

import { existsSync } from 'node:fs';
import { UsageError } from '../../errors.ts';
import { quoted } from '../../image/printable.ts';
import type { Image } from '../../image/types.ts';
import type { ContainerContext } from '../context.ts';
import { findContainer } from '../find.ts';
import { planMounts } from '../plan/mounts.ts';
import type { AskedMounts, ContainerBind, MountRequest } from '../plan/schema.ts';
import type { CreateOptions } from '../plan.ts';
import type { ContainerConfig } from '../schema.ts';
import type { NewVolume } from './create.ts';
import { anonymousName, checkVolumeName } from './name.ts';
import { mountpointOf } from './paths.ts';
import { ANONYMOUS } from './record.ts';

/**
 * The options with all mounts that the container is to have. Throws a NotFoundError for a container of --volumes-from,
 * UsageErrors for what cannot be.
 */
export async function withMounts(
  context: ContainerContext,
  options: CreateOptions,
  image: Image,
): Promise<CreateOptions & { askedMounts: AskedMounts }> {
  const { mounts = [], volumesFrom = [], binds = [], tmpfs = [] } = options;
  const imageVolumes = Object.keys(image.config.config.Volumes ?? {});
  const asked: AskedMounts = { mounts, volumesFrom, imageVolumes };
  mounts.forEach(checkSource);
  const planned = planMounts({
    asked,
    inherited: (await Promise.all(volumesFrom.map((text) => inherit(context, text)))).flat(),
    taken: [...tmpfs, ...binds].map(({ destination }) => destination),
    mountpointOf: (name) => mountpointOf(context.root, name),
    newName: anonymousName,
  });
  return {
    ...options,
    askedMounts: asked,
    binds: [...binds, ...planned.binds],
    tmpfs: [...tmpfs, ...planned.tmpfs],
  };
}

/** The volumes of a container as they are made when they are missing; the labels and options are those of --mount. */
export function volumesToMake({ binds, askedMounts }: ContainerConfig): NewVolume[] {
  const wanted = binds.flatMap(({ volume, destination }): NewVolume[] => {
    if (!volume) return [];
    const request = askedMounts?.mounts.find((one) => one.destination === destination);
    const mark = volume.anonymous ? { [ANONYMOUS]: '' } : {};
    const labels = { ...mark, ...request?.labels };
    return [{ name: volume.name, labels, ...(request?.options ? { options: request.options } : {}) }];
  });
  // One order for all processes.
  return [...new Map(wanted.map((one) => [one.name, one])).values()].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

function checkSource({ type, source, text }: MountRequest): void {
  if (type === 'volume' && source !== undefined) checkVolumeName(source);
  if (type !== 'bind' || text !== undefined || existsSync(source!)) return;
  throw new UsageError(
    'BIND_SOURCE_MISSING',
    `invalid mount config for type "bind": bind source path does not exist: ${source}`,
    { hint: 'make it, or use -v, which makes it' },
  );
}

/** `CONTAINER[:MODE]`; its mounts, with volumes that nothing is copied into any more. */
async function inherit(context: ContainerContext, text: string): Promise<ContainerBind[]> {
  const { container, mode } = parseVolumesFrom(text);
  const { config } = await findContainer(context, container);
  return config.binds
    .filter(({ image }) => image === undefined)
    .map((bind) => ({
      ...bind,
      readonly: mode === 'ro' || bind.readonly,
      ...(bind.volume ? { volume: { ...bind.volume, nocopy: true } } : {}),
    }));
}

/** docker's grammar (moby, volume/mounts/parser.go). Throws a UsageError. */
export function parseVolumesFrom(text: string): { container: string; mode: string } {
  const [container = '', mode = 'rw', ...more] = text.split(':');
  const words = mode.split(',');
  if (container === '' || more.length > 0)
    throw invalid(`invalid volumes-from specification: ${quoted(text)}`);
  if (!words.every((word) => ['ro', 'rw', 'z', 'Z'].includes(word)))
    throw invalid(`invalid mode for volumes-from: ${quoted(mode)}`);
  return { container, mode: words.includes('ro') ? 'ro' : 'rw' };
}

function invalid(message: string): UsageError {
  return new UsageError('INVALID_VOLUMES_FROM', message, { hint: 'write CONTAINER, or CONTAINER:ro' });
}

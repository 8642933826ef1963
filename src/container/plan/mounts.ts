/** From what -v, --mount, --volumes-from and the image ask for to mounts as data. Pure. */
import { posix } from 'node:path';
import { UsageError } from '../../errors.ts';
import { quoted } from '../../image/printable.ts';
import type { TmpfsMount } from '../../runtime/settings.ts';
import type { AskedMounts, ContainerBind, MountRequest } from './schema.ts';

export interface MountSources {
  asked: AskedMounts;
  /** Mounts of the containers that `asked.volumesFrom` names, in that order. */
  inherited: ContainerBind[];
  /** Destinations of `--tmpfs`, which come before inherited ones. */
  taken: string[];
  mountpointOf(volume: string): string;
  /** A name for a volume that nobody named. */
  newName(): string;
}

/** A container's mounts. One of the user's takes the place of an inherited one, and either that of the image's volume. */
export function planMounts(sources: MountSources): { binds: ContainerBind[]; tmpfs: TmpfsMount[] } {
  const { asked, inherited, taken } = sources;
  const own = asked.mounts.filter(({ type }) => type !== 'tmpfs').map((request) => bindOf(request, sources));
  const tmpfs = asked.mounts.filter(({ type }) => type === 'tmpfs').map(tmpfsOf);
  const covered = new Set([...taken, ...[...own, ...tmpfs].map(({ destination }) => destination)]);
  const others = lastOfEach(inherited).filter(({ destination }) => !covered.has(destination));
  for (const { destination } of others) covered.add(destination);
  const image = [...new Set(asked.imageVolumes.map(imageVolume))].filter((path) => !covered.has(path));
  const volumes = image.map((destination) => anonymous({ type: 'volume', destination }, sources));
  return { binds: [...own, ...others, ...volumes], tmpfs };
}

function bindOf(request: MountRequest, sources: MountSources): ContainerBind {
  const { type, source } = request;
  if (type === 'volume' && source === undefined) return anonymous(request, sources);
  if (type === 'volume') return volumeMount(request, { name: source! }, sources);
  const { destination, readonly = false, recursive = 'enabled', mode, text, image } = request;
  if (type === 'image')
    return {
      source: source!,
      destination,
      readonly: true,
      recursive: false,
      ...picked(request),
      ...(image ? { image } : {}),
    };
  return {
    source: source!,
    destination,
    readonly,
    recursive: recursive !== 'disabled',
    ...(recursive === 'writable' ? { topReadonly: true } : {}),
    ...(text === undefined ? { mustExist: true } : {}),
    ...(mode === undefined ? {} : { mode }),
    ...picked(request),
  };
}

function anonymous(request: MountRequest, sources: MountSources): ContainerBind {
  return volumeMount(request, { name: sources.newName(), anonymous: true }, sources);
}

function volumeMount(
  request: MountRequest,
  volume: { name: string; anonymous?: true },
  { mountpointOf }: MountSources,
): ContainerBind {
  const { destination, readonly = false, nocopy, mode } = request;
  return {
    source: mountpointOf(volume.name),
    destination,
    readonly,
    recursive: true,
    volume: { ...volume, ...(nocopy ? { nocopy } : {}) },
    ...(mode === undefined ? {} : { mode }),
    ...picked(request),
  };
}

function picked({ propagation, subpath, idmap }: MountRequest) {
  return {
    ...(propagation === undefined ? {} : { propagation }),
    ...(subpath === undefined ? {} : { subpath }),
    ...(idmap === undefined ? {} : { idmap }),
  };
}

function tmpfsOf({ destination, readonly, size, fileMode }: MountRequest): TmpfsMount {
  const options = [
    ...(readonly ? ['ro'] : []),
    ...(size === undefined ? [] : [`size=${size}`]),
    ...(fileMode === undefined ? [] : [`mode=${fileMode.toString(8)}`]),
  ];
  return { destination, options };
}

function lastOfEach(binds: ContainerBind[]): ContainerBind[] {
  return [...new Map(binds.map((bind) => [bind.destination, bind])).values()];
}

function imageVolume(path: string): string {
  if (path.startsWith('/')) return posix.resolve(path);
  throw new UsageError(
    'INVALID_VOLUME',
    `the image wants a volume at ${quoted(path)}: mount path must be absolute`,
    {
      hint: 'the image is malformed; ask its publisher for a correct one',
    },
  );
}

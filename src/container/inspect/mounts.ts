/** What `inspect` shows of mounts, with docker's keys: those that a container has, and those that were asked for. */
import type { ContainerBind, MountRequest } from '../plan/schema.ts';
import type { ContainerConfig } from '../schema.ts';

/** The Engine API's MountPoints. */
export function inspectMounts({ binds, askedMounts }: ContainerConfig) {
  const tmpfs = (askedMounts?.mounts ?? []).filter(({ type }) => type === 'tmpfs');
  return [
    ...binds.map((bind) => mountPoint(bind, askedMounts?.mounts ?? [])),
    ...tmpfs.map(({ destination, readonly = false }) => ({
      Type: 'tmpfs',
      Source: '',
      Destination: destination,
      Mode: '',
      RW: !readonly,
      Propagation: '',
    })),
  ];
}

function mountPoint(bind: ContainerBind, asked: MountRequest[]) {
  const { source, destination, readonly, volume, image, mode, propagation } = bind;
  const Mode =
    mode ?? (volume ? modeOfVolume(bind, asked) : readonly && !image && asked.length === 0 ? 'ro' : '');
  return {
    Type: volume ? 'volume' : image ? 'image' : 'bind',
    ...(volume ? { Name: volume.name } : {}),
    Source: source,
    Destination: destination,
    ...(volume ? { Driver: 'local' } : {}),
    Mode,
    RW: !readonly,
    Propagation: volume || image ? '' : (propagation ?? 'rprivate'),
  };
}

/** moby's setBindModeIfNull: local volumes that were asked for by name, or by --mount, are told as shared ones. */
function modeOfVolume({ destination, volume }: ContainerBind, asked: MountRequest[]): string {
  const request = asked.find((one) => one.destination === destination);
  return request === undefined || (request.text !== undefined && volume?.anonymous) ? '' : 'z';
}

/** Parts of its HostConfig. */
export function inspectAskedMounts({ binds, askedMounts }: ContainerConfig) {
  if (askedMounts === undefined) return { Binds: orNull(binds.map(asVolumeFlag)), VolumesFrom: null };
  const { mounts, volumesFrom } = askedMounts;
  const texts = mounts.flatMap(({ text, source }) =>
    text !== undefined && source !== undefined ? [text] : [],
  );
  const others = mounts.filter(({ text }) => text === undefined);
  return {
    Binds: orNull(texts),
    VolumesFrom: orNull(volumesFrom),
    ...(others.length > 0 ? { Mounts: others.map(inspectRequest) } : {}),
  };
}

/** Config's Volumes: those of the image, and what -v names by its destination alone. */
export function inspectConfigVolumes({ askedMounts }: ContainerConfig): Record<string, object> | null {
  const { mounts = [], imageVolumes = [] } = askedMounts ?? {};
  const alone = mounts.filter(({ text, source }) => text !== undefined && source === undefined);
  const paths = [...imageVolumes, ...alone.map(({ destination }) => destination)];
  return paths.length === 0 ? null : Object.fromEntries(paths.map((path) => [path, {}]));
}

/** Destinations of --mount type=tmpfs, which are no part of HostConfig's Tmpfs. */
export function mountedTmpfs({ askedMounts }: ContainerConfig): string[] {
  return (askedMounts?.mounts ?? [])
    .filter(({ type }) => type === 'tmpfs')
    .map(({ destination }) => destination);
}

function inspectRequest(request: MountRequest) {
  const { type, source, destination, readonly } = request;
  return {
    Type: type,
    ...(source === undefined ? {} : { Source: source }),
    Target: destination,
    ...(readonly ? { ReadOnly: true } : {}),
    ...optionsOf(request),
  };
}

function optionsOf({
  type,
  propagation,
  recursive,
  nocopy,
  labels,
  options,
  subpath,
  size,
  fileMode,
}: MountRequest) {
  const bind = {
    ...(propagation === undefined ? {} : { Propagation: propagation }),
    ...(recursive === 'disabled' ? { NonRecursive: true } : {}),
    ...(recursive === 'writable' ? { ReadOnlyNonRecursive: true } : {}),
    ...(recursive === 'readonly' ? { ReadOnlyForceRecursive: true } : {}),
  };
  const below = subpath === undefined ? {} : { Subpath: subpath };
  const volume = {
    ...(nocopy ? { NoCopy: true } : {}),
    ...(labels ? { Labels: labels } : {}),
    ...below,
    ...(options ? { DriverConfig: { Options: options } } : {}),
  };
  const tmpfs = {
    ...(size === undefined ? {} : { SizeBytes: size }),
    ...(fileMode === undefined ? {} : { Mode: fileMode }),
  };
  const [key, value] = {
    bind: ['BindOptions', bind] as const,
    volume: ['VolumeOptions', volume] as const,
    tmpfs: ['TmpfsOptions', tmpfs] as const,
    image: ['ImageOptions', below] as const,
  }[type];
  return Object.keys(value).length === 0 ? {} : { [key]: value };
}

function asVolumeFlag({ source, destination, readonly }: ContainerBind): string {
  return `${source}:${destination}${readonly ? ':ro' : ''}`;
}

function orNull<T>(list: T[]): T[] | null {
  return list.length === 0 ? null : list;
}

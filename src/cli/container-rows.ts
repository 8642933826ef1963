import type { ContainerSummary } from '../engine.ts';
import { ellipsis, formatAge, formatDuration, formatSize, formatTimestamp } from './format.ts';
import type { Column, Row } from './template.ts';

const COMMAND_WIDTH = 20;

export const CONTAINER_COLUMNS: Column[] = [
  ['ID', 'CONTAINER ID'],
  ['Image', 'IMAGE'],
  ['Command', 'COMMAND'],
  ['RunningFor', 'CREATED'],
  ['Status', 'STATUS'],
  ['Ports', 'PORTS'],
  ['Names', 'NAMES'],
];

/** With `--size` docker adds one. */
export const SIZE_COLUMN: Column = ['Size', 'SIZE'];

/** A container with typed values, for `--json`: times as ISO 8601, sizes in bytes, lists as lists. */
export function containerRecord({ container, status, health, published, size }: ContainerSummary) {
  const { id, config, state } = container;
  return {
    ID: id,
    Names: [config.name],
    Image: config.image.reference,
    ImageID: config.image.id,
    Command: config.process.args,
    Created: config.created,
    State: status,
    Health: health,
    ExitCode: state.exitCode ?? null,
    OOMKilled: state.oomKilled ?? false,
    Pid: state.status === 'running' ? (state.identity?.pid ?? null) : null,
    StartedAt: state.startedAt ?? null,
    FinishedAt: state.finishedAt ?? null,
    Labels: config.labels,
    Mounts: config.binds.map(({ source, destination, readonly, volume, image }) => ({
      Type: volume ? 'volume' : image ? 'image' : 'bind',
      ...(volume ? { Name: volume.name } : {}),
      Source: source,
      Destination: destination,
      RW: !readonly,
    })),
    Networks: networkNames(config),
    Ports: published ?? [],
    Platform: config.image.platform,
    ...(size && { SizeRw: size.own, SizeRootFs: size.own + size.image }),
  };
}

/** A container as `docker ps` shows it, with docker's JSON keys. `now` in milliseconds. */
export function containerRow(
  { container, running, status, health, ports, size }: ContainerSummary,
  options: { truncate: boolean; now: number },
): Row {
  const { id, config, state } = container;
  return {
    Command: commandText(config.process.args, options.truncate),
    CreatedAt: formatTimestamp(config.created),
    HealthStatus: health,
    ID: options.truncate ? id.slice(0, 12) : id,
    Image: config.image.reference,
    Label: (key: string) => config.labels[key] ?? '',
    Labels: Object.entries(config.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    LocalVolumes: String(config.binds.filter(({ volume }) => volume).length),
    Mounts: config.binds.map((bind) => mountText(bind, options.truncate)).join(','),
    Names: config.name,
    Networks: networkNames(config).join(','),
    Platform: config.image.platform,
    Ports: ports ?? '',
    RunningFor: formatAge(config.created, options.now),
    Size: size ? `${formatSize(size.own)} (virtual ${formatSize(size.own + size.image)})` : '0B',
    State: status,
    Status: `${statusText({ state, running }, options.now)}${remark(status, health)}`,
  };
}

const MOUNT_WIDTH = 15;

/** A volume by its name, all else by where it is on the host. */
function mountText(
  { source, volume }: ContainerSummary['container']['config']['binds'][number],
  truncate: boolean,
): string {
  const text = volume?.name ?? source;
  return truncate ? ellipsis(text, MOUNT_WIDTH) : text;
}

/** docker's order is that of the names. */
function networkNames({ networks, network }: ContainerSummary['container']['config']): string[] {
  return networks.length === 0 ? [network] : networks.map((endpoint) => endpoint.network).sort();
}

/** `Up 3 seconds`, `Exited (137) 2 hours ago (out of memory)`, `Created`. */
export function statusText(
  { state, running }: { state: ContainerSummary['container']['state']; running: boolean },
  now: number,
): string {
  const reason = state.oomKilled ? ' (out of memory)' : '';
  if (state.status === 'created') return 'Created';
  if (state.status === 'restarting') {
    return `Restarting (${state.exitCode ?? '?'}) ${formatAge(state.finishedAt, now)}`;
  }
  if (state.status === 'exited') {
    return `Exited (${state.exitCode ?? '?'}) ${formatAge(state.finishedAt, now)}${reason}`;
  }
  return running ? `Up ${formatDuration(now - Date.parse(state.startedAt ?? ''))}` : `Exiting${reason}`;
}

/** docker tells one of the two. */
function remark(status: string, health: string): string {
  if (status === 'paused') return ' (Paused)';
  if (status !== 'running' || health === 'none') return '';
  return health === 'starting' ? ' (health: starting)' : ` (${health})`;
}

function commandText(args: string[], truncate: boolean): string {
  const command = args.map((arg) => (arg.includes(' ') ? `'${arg}'` : arg)).join(' ');
  return JSON.stringify(truncate ? ellipsis(command, COMMAND_WIDTH) : command);
}

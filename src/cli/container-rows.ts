import type { ContainerSummary } from '../engine.ts';
import { ellipsis, formatAge, formatDuration, formatTimestamp } from './format.ts';
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

/** A container as `docker ps` shows it, with docker's JSON keys. `now` in milliseconds. */
export function containerRow(
  { container, running }: ContainerSummary,
  options: { truncate: boolean; now: number },
): Row {
  const { id, config, state } = container;
  return {
    Command: commandText(config.process.args, options.truncate),
    CreatedAt: formatTimestamp(config.created),
    ID: options.truncate ? id.slice(0, 12) : id,
    Image: config.image.reference,
    Labels: Object.entries(config.image.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    LocalVolumes: '0',
    Mounts: config.binds.map((bind) => bind.source).join(','),
    Names: config.name,
    Networks: config.network,
    Platform: config.image.platform,
    Ports: '',
    RunningFor: formatAge(config.created, options.now),
    Size: '0B',
    State: state.status,
    Status: statusText({ state, running }, options.now),
  };
}

/** `Up 3 seconds`, `Exited (137) 2 hours ago (out of memory)`, `Created`. */
export function statusText(
  { state, running }: { state: ContainerSummary['container']['state']; running: boolean },
  now: number,
): string {
  const reason = state.oomKilled ? ' (out of memory)' : '';
  if (state.status === 'created') return 'Created';
  if (state.status === 'exited') {
    return `Exited (${state.exitCode ?? '?'}) ${formatAge(state.finishedAt, now)}${reason}`;
  }
  return running ? `Up ${formatDuration(now - Date.parse(state.startedAt ?? ''))}` : `Exiting${reason}`;
}

function commandText(args: string[], truncate: boolean): string {
  const command = args.map((arg) => (arg.includes(' ') ? `'${arg}'` : arg)).join(' ');
  return JSON.stringify(truncate ? ellipsis(command, COMMAND_WIDTH) : command);
}

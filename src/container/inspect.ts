import { inspectHostConfig } from './inspect/host-config.ts';
import { inspectHealth, inspectWishes } from './inspect/life.ts';
import { inspectConfigVolumes, inspectMounts } from './inspect/mounts.ts';
import { inspectNetworkSettings } from './inspect/network-settings.ts';
import { portName } from './network/ports.ts';
import type { Container } from './schema.ts';

/** What docker prints for a moment that never was. */
const NEVER = '0001-01-01T00:00:00Z';

/** What the record does not say. */
export interface Present {
  /** Its PID 1 lives. */
  running: boolean;
  paused: boolean;
  /** The container's own, with the files of names. */
  directory: string;
  /** Where a log in files would be. */
  logPath: string;
  /** Bytes, when they were counted: its own files, and its image. */
  size?: { own: number; image: number };
}

/** A container with docker's keys (the Engine API's ContainerInspect), as far as gocker knows them. */
export function inspectContainer({ id, config, state }: Container, now: Present) {
  const { args } = config.process;
  return {
    Id: id,
    Created: config.created,
    Path: args[0]!,
    Args: args.slice(1),
    State: inspectState(state, now),
    Image: config.image.id,
    ResolvConfPath: `${now.directory}/resolv.conf`,
    HostnamePath: `${now.directory}/hostname`,
    HostsPath: `${now.directory}/hosts`,
    LogPath: (config.log?.driver ?? 'json-file') === 'json-file' ? now.logPath : '',
    Name: `/${config.name}`,
    RestartCount: state.restarts ?? 0,
    Driver: config.storageDriver,
    Platform: config.image.platform.split('/', 1)[0]!,
    ...(now.size && { SizeRw: now.size.own, SizeRootFs: now.size.own + now.size.image }),
    HostConfig: inspectHostConfig(config),
    GraphDriver: { Name: config.storageDriver, Data: null },
    Mounts: inspectMounts(config),
    Config: inspectConfig(config),
    NetworkSettings: inspectNetworkSettings({ id, config, state }),
  };
}

function inspectState(state: Container['state'], { running, paused }: Present) {
  return {
    Status: paused ? 'paused' : state.status,
    Running: running,
    Paused: paused,
    Restarting: state.status === 'restarting',
    OOMKilled: state.oomKilled ?? false,
    Dead: false,
    Pid: running ? (state.identity?.pid ?? 0) : 0,
    ExitCode: state.exitCode ?? 0,
    Error: state.error ?? '',
    StartedAt: state.startedAt ?? NEVER,
    FinishedAt: state.finishedAt ?? NEVER,
    ...inspectHealth(state),
  };
}

function inspectConfig(config: Container['config']) {
  const { hostname, image, labels, process, entrypointLength } = config;
  const { args, user, terminal, stdin, env, cwd } = process;
  return {
    Hostname: hostname,
    ExposedPorts: orNull(exposedPorts(config)),
    User: user,
    Tty: terminal,
    OpenStdin: stdin,
    Env: env,
    Cmd: args.slice(entrypointLength),
    Image: image.reference,
    Volumes: inspectConfigVolumes(config),
    WorkingDir: cwd,
    Entrypoint: entrypointLength === 0 ? null : args.slice(0, entrypointLength),
    Labels: labels,
    ...inspectWishes(config),
  };
}

/** As docker has it, published ones too. */
function exposedPorts({ exposed, ports }: Container['config']): Record<string, object> {
  return Object.fromEntries([...exposed, ...ports.map(portName)].sort().map((port) => [port, {}]));
}

function orNull(record: Record<string, object>): Record<string, object> | null {
  return Object.keys(record).length === 0 ? null : record;
}

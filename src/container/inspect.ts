import type { Container } from './schema.ts';

/** What docker prints for a moment that never was. */
const NEVER = '0001-01-01T00:00:00Z';

/** A container with docker's keys (the Engine API's ContainerInspect), as far as gocker knows them. */
export function inspectContainer({ id, config, state }: Container, running: boolean) {
  const { args } = config.process;
  return {
    Id: id,
    Created: config.created,
    Path: args[0]!,
    Args: args.slice(1),
    State: inspectState(state, running),
    Image: config.image.id,
    Name: `/${config.name}`,
    Driver: config.storageDriver,
    Platform: config.image.platform,
    HostConfig: inspectHostConfig(config),
    Mounts: config.binds.map((bind) => ({
      Type: 'bind',
      Source: bind.source,
      Destination: bind.destination,
      Mode: bind.readonly ? 'ro' : '',
      RW: !bind.readonly,
      Propagation: 'rprivate',
    })),
    Config: inspectConfig(config),
  };
}

function inspectState(state: Container['state'], running: boolean) {
  return {
    Status: state.status,
    Running: running,
    Paused: false,
    Restarting: false,
    OOMKilled: state.oomKilled ?? false,
    Dead: false,
    Pid: running ? (state.identity?.pid ?? 0) : 0,
    ExitCode: state.exitCode ?? 0,
    Error: state.error ?? '',
    StartedAt: state.startedAt ?? NEVER,
    FinishedAt: state.finishedAt ?? NEVER,
  };
}

function inspectHostConfig({ binds, limits, network, autoRemove }: Container['config']) {
  return {
    Binds: binds.map((bind) => `${bind.source}:${bind.destination}${bind.readonly ? ':ro' : ''}`),
    NetworkMode: network,
    AutoRemove: autoRemove,
    Memory: limits.memory ?? 0,
    MemorySwap: limits.memorySwap ?? 0,
    NanoCpus: Math.round((limits.cpus ?? 0) * 1e9),
    PidsLimit: limits.pids ?? null,
  };
}

function inspectConfig({ hostname, image, process, entrypointLength }: Container['config']) {
  const { args, user, terminal, stdin, env, cwd } = process;
  return {
    Hostname: hostname,
    User: user,
    Tty: terminal,
    OpenStdin: stdin,
    Env: env,
    Cmd: args.slice(entrypointLength),
    Image: image.reference,
    WorkingDir: cwd,
    Entrypoint: entrypointLength === 0 ? null : args.slice(0, entrypointLength),
    Labels: image.labels,
    ...(image.stopSignal === undefined ? {} : { StopSignal: image.stopSignal }),
  };
}

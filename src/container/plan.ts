/** From an image and what the user asked for to a container as data. Pure. */
import { UsageError } from '../errors.ts';
import { formatPlatform } from '../image/platform.ts';
import type { Image, ImageRunConfig } from '../image/types.ts';
import type { Limits, ProcessPlan } from '../runtime/types.ts';
import { baseEnv, mergeEnv } from './env.ts';
import { type NetworkOptions, planNetworks } from './plan/networks.ts';
import type { AskedMounts, ContainerBind, MountRequest } from './plan/schema.ts';
import { planProcess, planSettings, type SettingsOptions } from './plan/settings.ts';
import { type HealthOptions, planLife } from './plan-life.ts';
import { type ContainerConfig, type LogConfig, RECORD_VERSION, type RestartPolicy } from './schema.ts';

/** What may be bound over in /proc, the files that lxcfs serves (runc, checkProcMount). */
const PROC_FILES = ['cpuinfo', 'diskstats', 'loadavg', 'meminfo', 'slabinfo', 'stat', 'swaps', 'uptime'];

/** How to run a program; every part is optional. Shared by `run` and `exec`. */
export interface ProcessOptions {
  /** `KEY=value`, or `KEY` to take a variable of the image away. */
  env?: string[];
  /** Absolute. */
  workdir?: string;
  /** `user[:group]`. */
  user?: string;
  terminal?: boolean;
  /** The terminal's size at the start. */
  size?: { rows: number; columns: number };
  /** Connects the caller's standard input. */
  stdin?: boolean;
  /** Called just before the program is started; from then on signals to the caller are meant for it. */
  onStarting?(): void;
}

/** How to make a container. */
export interface CreateOptions extends ProcessOptions, SettingsOptions, NetworkOptions {
  /** Called with its ID when it has been made, before it is started. */
  onCreated?(id: string): void;
  /** Instead of the image's Cmd. */
  command?: string[];
  /** Instead of the image's Entrypoint; the image's Cmd is then left out too. Empty for none at all. */
  entrypoint?: string;
  hostname?: string;
  name?: string;
  binds?: ContainerBind[];
  /** Further mounts, as -v and --mount ask for them. */
  mounts?: MountRequest[];
  /** `CONTAINER[:ro]`: containers whose mounts this one has too. */
  volumesFrom?: string[];
  limits?: Limits;
  /** Removes the container when its program has ended. */
  remove?: boolean;
  restart?: RestartPolicy;
  /** Name or number; the image's without it. */
  stopSignal?: string;
  /** Seconds, -1 for ever. */
  stopTimeout?: number;
  log?: LogConfig;
  /** What the user says of health checks; the image says the rest. */
  health?: HealthOptions;
  /** A program of the host that is PID 1 in place of the container's, which it starts. */
  initProgram?: string;
  /** No terminal is attached at the start: standard input stays open however often one comes and goes. */
  detached?: boolean;
}

/** What the user does not choose. */
export interface Birth {
  id: string;
  name: string;
  created: Date;
  image: Image;
  /** As the user named the image. */
  reference: string;
  storageDriver: string;
  /** The name that a container has which shares a network: the host's own, or that of the other container. */
  sharedHostname: string;
  /** Capabilities that gocker itself has. */
  available: string[];
}

/** The record of a new container. Throws UsageErrors for what cannot be. */
export function planContainer(
  options: CreateOptions & { askedMounts?: AskedMounts },
  birth: Birth,
): ContainerConfig {
  const { image } = birth;
  const networks = planNetworks(options, image.config.config);
  const { network } = networks;
  const keepsName = network === 'host' || network.startsWith('container:') || options.uts === 'host';
  const hostname = options.hostname ?? (keepsName ? birth.sharedHostname : birth.id.slice(0, 12));
  checkHostname(hostname);
  checkMounts([...(options.binds ?? []), ...(options.tmpfs ?? [])]);
  const { args, entrypointLength } = planArgs(image.config.config, options);
  const chainID = image.chainIDs.at(-1);
  return {
    version: RECORD_VERSION,
    id: birth.id,
    name: birth.name,
    created: birth.created.toISOString(),
    image: {
      reference: birth.reference,
      id: image.id,
      ...(chainID === undefined ? {} : { chainID }),
      platform: formatPlatform(image.config.platform),
      ...(image.config.config.StopSignal ? { stopSignal: image.config.config.StopSignal } : {}),
      labels: image.config.config.Labels ?? {},
    },
    storageDriver: birth.storageDriver,
    ...networks,
    hostname,
    binds: options.binds ?? [],
    ...(options.askedMounts ? { askedMounts: options.askedMounts } : {}),
    limits: options.limits ?? {},
    process: {
      args,
      env: planEnv(image.config.config, options, hostname),
      cwd: checkWorkdir(options.workdir || image.config.config.WorkingDir || '/'),
      user: options.user ?? image.config.config.User ?? '',
      ...planProcess(options, birth.available),
      terminal: options.terminal ?? false,
      stdin: options.stdin ?? false,
    },
    settings: planSettings(options, network),
    labels: { ...image.config.config.Labels, ...options.labels },
    entrypointLength,
    autoRemove: options.remove ?? false,
    ...planLife(options, image.config.config),
  };
}

/** How to run a further program in a container. */
export interface ExecOptions extends ProcessOptions {
  /** All these capabilities instead of the container's own program's. */
  capabilities?: string[];
  /** Lives on when this process ends. */
  outlives?: boolean;
}

/** A further program in the container: what is not asked for is as the container's own program has it. */
export function planExec(config: ContainerConfig, args: string[], options: ExecOptions): ProcessPlan {
  const terminal = options.terminal ?? false;
  const term = terminal ? ['TERM=xterm'] : [];
  return {
    ...config.process,
    args: checkArgs(args),
    env: checkNoNul(mergeEnv(term, config.process.env, options.env ?? [])),
    cwd: checkWorkdir(options.workdir || config.process.cwd),
    user: options.user ?? config.process.user,
    terminal,
    stdin: options.stdin ?? false,
    ...(options.size ? { size: options.size } : {}),
    ...(options.capabilities ? { capabilities: options.capabilities } : {}),
    ...(options.outlives ? { outlives: true } : {}),
  };
}

function planArgs(
  image: ImageRunConfig,
  options: CreateOptions,
): { args: string[]; entrypointLength: number } {
  const own = options.entrypoint !== undefined;
  const entrypoint = own ? [options.entrypoint!].filter((word) => word !== '') : (image.Entrypoint ?? []);
  const command = options.command?.length ? options.command : own ? [] : (image.Cmd ?? []);
  return { args: checkArgs([...entrypoint, ...command]), entrypointLength: entrypoint.length };
}

function checkArgs(args: string[]): string[] {
  if (args.length > 0 && args[0] !== '') return checkNoNul(args);
  throw new UsageError('NO_COMMAND', 'no command given, and the image names none', {
    hint: 'add one after the image, as in: gocker run IMAGE /bin/sh',
  });
}

function planEnv(image: ImageRunConfig, options: CreateOptions, hostname: string): string[] {
  const base = baseEnv({ hostname, terminal: options.terminal ?? false });
  return checkNoNul(mergeEnv(base, image.Env ?? [], options.env ?? []));
}

function checkNoNul(texts: string[]): string[] {
  const bad = texts.find((text) => text.includes('\0'));
  if (bad === undefined) return texts;
  throw new UsageError('NUL_IN_TEXT', `${JSON.stringify(bad.slice(0, 200))} holds a NUL byte`);
}

function checkWorkdir(path: string): string {
  if (path.startsWith('/') && !path.includes('\0')) return path;
  throw new UsageError('INVALID_WORKDIR', `the working directory ${JSON.stringify(path)} is not absolute`, {
    hint: 'give a path that begins with /',
  });
}

function checkHostname(name: string): void {
  if (/^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?$/.test(name)) return;
  throw new UsageError('INVALID_HOSTNAME', `invalid hostname ${JSON.stringify(name)}`, {
    hint: 'a hostname is 1 to 64 letters, digits, "-", "_" and "."',
  });
}

function checkMounts(mounts: { destination: string }[]): void {
  const seen = new Set<string>();
  for (const { destination } of mounts) {
    if (seen.has(destination)) {
      throw new UsageError('DUPLICATE_MOUNT', `duplicate mount point: ${destination}`, {
        hint: 'mount one of them elsewhere',
      });
    }
    seen.add(destination);
    const inProc = destination.match(/^\/proc(?:\/(.*))?$/);
    if (destination === '/' || (inProc && !PROC_FILES.includes(inProc[1] ?? ''))) {
      throw new UsageError('FORBIDDEN_MOUNT', `nothing may be mounted on ${destination}`, {
        hint: 'choose another path in the container',
      });
    }
  }
}

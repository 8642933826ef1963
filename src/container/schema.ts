/**
 * A container on disk: config.json says what was asked for, and only rename and update change it; state.json says how it goes.
 * The schemas are the types; a version above ours is refused before anything else is looked at.
 */
import * as v from 'valibot';
import {
  askedMountsSchema,
  bindSchema,
  fineLimitEntries,
  fineProcessEntries,
  settingsSchema,
} from './plan/schema.ts';

/** The version of both files. */
export const RECORD_VERSION = 1;

const identitySchema = v.object({ pid: v.number(), startTime: v.string(), bootId: v.string() });

const limitsSchema = v.object({
  ...fineLimitEntries,
  memory: v.exactOptional(v.number()),
  memorySwap: v.exactOptional(v.number()),
  cpus: v.exactOptional(v.number()),
  pids: v.exactOptional(v.number()),
});

const processSchema = v.object({
  ...fineProcessEntries,
  args: v.pipe(v.array(v.string()), v.minLength(1)),
  env: v.array(v.string()),
  cwd: v.string(),
  user: v.string(),
  groups: v.array(v.string()),
  capabilities: v.array(v.string()),
  terminal: v.boolean(),
  stdin: v.boolean(),
});

export const RESTART_POLICIES = ['no', 'on-failure', 'always', 'unless-stopped'] as const;

const restartSchema = v.object({
  policy: v.picklist(RESTART_POLICIES),
  /** How often at most, for `on-failure`; any number of times without it. */
  max: v.exactOptional(v.number()),
});

const logSchema = v.object({
  driver: v.picklist(['json-file', 'journald', 'none']),
  /** Bytes of one file, and how many files are kept; for json-file. */
  maxSize: v.number(),
  maxFiles: v.number(),
});

const healthSchema = v.object({
  /** As in an image: `CMD` and arguments, or `CMD-SHELL` and a line. */
  test: v.pipe(v.array(v.string()), v.minLength(1)),
  /** All in milliseconds. */
  interval: v.number(),
  timeout: v.number(),
  startPeriod: v.number(),
  startInterval: v.number(),
  /** So many failures one after another make it unhealthy. */
  retries: v.number(),
});

const endpointSchema = v.object({
  /** Its name; a network that is made anew under it takes its place. */
  network: v.string(),
  aliases: v.array(v.string()),
  /** Wanted ones, without prefix length. */
  addresses: v.array(v.string()),
  mac: v.exactOptional(v.string()),
  /** The default route leads through the network with the highest, the first of equals; 0 without it. */
  gatewayPriority: v.exactOptional(v.number()),
});

const protocolSchema = v.picklist(['tcp', 'udp', 'sctp']);

const bindingSchema = v.object({
  /** Empty for all addresses of the host. */
  hostIp: v.string(),
  /** 0 for one that is free. */
  hostPort: v.number(),
  /** The first free one from `hostPort` to this one. */
  lastHostPort: v.exactOptional(v.number()),
  containerPort: v.number(),
  protocol: protocolSchema,
});
/** A layer that was taken out of a container's own files; `digest` stands for the diffID until it is made. */
const frozenSchema = v.object({ digest: v.string(), name: v.string() });

export const configSchema = v.object({
  version: v.literal(RECORD_VERSION),
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  name: v.string(),
  /** ISO 8601. */
  created: v.string(),
  image: v.object({
    /** As the user named it. */
    reference: v.string(),
    /** The config's digest. */
    id: v.string(),
    /** The snapshot the container stands on; absent for an image without layers. */
    chainID: v.exactOptional(v.string()),
    platform: v.string(),
    stopSignal: v.exactOptional(v.string()),
    labels: v.record(v.string(), v.string()),
  }),
  storageDriver: v.string(),
  /** docker's network mode: the name of the first network, or `container:ID`. */
  network: v.string(),
  /** In the order of the interfaces; none where another container's network is joined. */
  networks: v.array(endpointSchema),
  ports: v.exactOptional(v.array(bindingSchema), []),
  /** `80/tcp`, of the image and of the user. */
  exposed: v.exactOptional(v.array(v.string()), []),
  /** Publishes all that is exposed. */
  publishAll: v.exactOptional(v.boolean(), false),
  hostname: v.string(),
  binds: v.array(bindSchema),
  /** What `binds` were made of, for `inspect`. */
  askedMounts: v.exactOptional(askedMountsSchema),
  limits: limitsSchema,
  process: processSchema,
  settings: v.exactOptional(settingsSchema, {}),
  /** Of the image and the user's over them. */
  labels: v.exactOptional(v.record(v.string(), v.string()), {}),
  /** How many of `process.args` came from the entrypoint. */
  entrypointLength: v.number(),
  autoRemove: v.boolean(),
  /** When the monitor starts the program again after its end; never without it. */
  restart: v.exactOptional(restartSchema),
  /** In place of the image's; a name or a number. */
  stopSignal: v.exactOptional(v.string()),
  /** Seconds that `stop` waits before SIGKILL, -1 for ever; 10 without it. */
  stopTimeout: v.exactOptional(v.number()),
  /** json-file of the default size without it. */
  log: v.exactOptional(logSchema),
  health: v.exactOptional(healthSchema),
  /** The host's program that runs as PID 1 and starts `process.args`. */
  initProgram: v.exactOptional(v.string()),
  /** What it stands on above its image, bottom first. */
  frozen: v.exactOptional(v.array(frozenSchema)),
  /** Its own files are about to become this layer. */
  freezing: v.exactOptional(frozenSchema),
  /** The program's standard input ends with the first one that is attached to it. */
  stdinOnce: v.exactOptional(v.boolean()),
});

/** A driver's `Attachment`; it may be anybody's. */
export const madeSchema = v.object({
  containerId: v.string(),
  interfaces: v.array(v.object({ name: v.string(), mac: v.exactOptional(v.string()) })),
  addresses: v.array(v.string()),
  routes: v.array(v.object({ to: v.string(), via: v.exactOptional(v.string()) })),
  dns: v.array(v.string()),
  ports: v.array(
    v.object({
      hostIp: v.string(),
      hostPort: v.number(),
      containerPort: v.number(),
      protocol: protocolSchema,
    }),
  ),
  state: v.record(v.string(), v.unknown()),
});

const attachmentSchema = v.object({
  /** The network as it was then. */
  network: v.object({ id: v.string(), name: v.string() }),
  ifname: v.string(),
  isGateway: v.boolean(),
  /** Of the network, whether the container's default routes lead there or not. */
  gateways: v.array(v.string()),
  /** What the driver has made, to be handed back to it. */
  made: madeSchema,
});

const healthStateSchema = v.object({
  status: v.picklist(['starting', 'healthy', 'unhealthy']),
  failingStreak: v.number(),
  /** The last ones, oldest first; times in ISO 8601. */
  log: v.array(v.object({ start: v.string(), end: v.string(), exitCode: v.number(), output: v.string() })),
});

export const stateSchema = v.object({
  version: v.literal(RECORD_VERSION),
  status: v.picklist(['created', 'running', 'restarting', 'exited']),
  /** Who waits for the container and writes this file; absent when nobody does any more. */
  supervisor: v.exactOptional(identitySchema),
  /** The container's PID 1 as the host sees it. */
  identity: v.exactOptional(identitySchema),
  /** By network; absent, and not empty, when nothing can be attached. */
  attachments: v.exactOptional(v.array(attachmentSchema)),
  exitCode: v.exactOptional(v.number()),
  oomKilled: v.exactOptional(v.boolean()),
  /** Why it never ran, or why its end is unknown. */
  error: v.exactOptional(v.string()),
  /** Its supervisor is about to start it; the container itself is whole. */
  starting: v.exactOptional(v.boolean()),
  /** Somebody asked for its end: no policy starts it again. */
  stopped: v.exactOptional(v.boolean()),
  /** It stays at this end, whatever `autoRemove` says: `restart` is at it. */
  keep: v.exactOptional(v.boolean()),
  /** It is being removed, and the volumes that came with it go too. */
  removeVolumes: v.exactOptional(v.boolean()),
  /** Who has made its processes stand still, and lets them go on soon. */
  pausedBy: v.exactOptional(identitySchema),
  /** How often its policy has started it again. */
  restarts: v.exactOptional(v.number()),
  health: v.exactOptional(healthStateSchema),
  /** ISO 8601, as `finishedAt`. */
  startedAt: v.exactOptional(v.string()),
  finishedAt: v.exactOptional(v.string()),
});

export type ContainerConfig = v.InferOutput<typeof configSchema>;
export type ContainerState = v.InferOutput<typeof stateSchema>;

/** One container as the disk has it. */
export interface Container {
  id: string;
  config: ContainerConfig;
  state: ContainerState;
}

export type EndpointConfig = v.InferOutput<typeof endpointSchema>;
export type PortBinding = v.InferOutput<typeof bindingSchema>;
export type NetworkAttachment = v.InferOutput<typeof attachmentSchema>;
export type RestartPolicy = v.InferOutput<typeof restartSchema>;
export type LogConfig = v.InferOutput<typeof logSchema>;
export type HealthConfig = v.InferOutput<typeof healthSchema>;
export type FrozenLayer = v.InferOutput<typeof frozenSchema>;
export type HealthState = v.InferOutput<typeof healthStateSchema>;

/**
 * A container on disk: config.json says what was asked for and never changes, state.json says how it goes.
 * The schemas are the types; a version above ours is refused before anything else is looked at.
 */
import * as v from 'valibot';
import { fineLimitEntries, fineProcessEntries, settingsSchema } from './plan/schema.ts';

/** The version of both files. */
export const RECORD_VERSION = 1;

const identitySchema = v.object({ pid: v.number(), startTime: v.string(), bootId: v.string() });

const bindSchema = v.object({
  source: v.string(),
  destination: v.string(),
  readonly: v.boolean(),
  recursive: v.boolean(),
});

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
  network: v.string(),
  hostname: v.string(),
  binds: v.array(bindSchema),
  limits: limitsSchema,
  process: processSchema,
  settings: v.exactOptional(settingsSchema, {}),
  /** Of the image and the user's over them. */
  labels: v.exactOptional(v.record(v.string(), v.string()), {}),
  /** How many of `process.args` came from the entrypoint. */
  entrypointLength: v.number(),
  autoRemove: v.boolean(),
});

const attachmentSchema = v.object({
  containerId: v.string(),
  interfaces: v.array(v.object({ name: v.string(), mac: v.exactOptional(v.string()) })),
  addresses: v.array(v.string()),
  routes: v.array(v.object({ to: v.string(), via: v.exactOptional(v.string()) })),
  dns: v.array(v.string()),
  state: v.record(v.string(), v.unknown()),
});

export const stateSchema = v.object({
  version: v.literal(RECORD_VERSION),
  status: v.picklist(['created', 'running', 'exited']),
  /** Who waits for the container and writes this file; absent when nobody does any more. */
  supervisor: v.exactOptional(identitySchema),
  /** The container's PID 1 as the host sees it. */
  identity: v.exactOptional(identitySchema),
  attachment: v.exactOptional(attachmentSchema),
  exitCode: v.exactOptional(v.number()),
  oomKilled: v.exactOptional(v.boolean()),
  /** Why it never ran, or why its end is unknown. */
  error: v.exactOptional(v.string()),
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

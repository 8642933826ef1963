/** The part of a record that the many options of `run` fill: what the runtime is told, and what `inspect` shows of it. */
import * as v from 'valibot';

const text = v.string();
const number = v.number();
const maybe = v.exactOptional;

const rates = v.array(v.object({ path: text, rate: number }));

/** See `FineLimits` of the runtime. */
export const fineLimitEntries = {
  cpuShares: maybe(number),
  cpuPeriod: maybe(number),
  cpuQuota: maybe(number),
  cpusetCpus: maybe(text),
  cpusetMems: maybe(text),
  memoryReservation: maybe(number),
  memorySwappiness: maybe(number),
  oomKillDisable: maybe(v.boolean()),
  blkioWeight: maybe(number),
  blkioWeightDevice: maybe(rates),
  deviceReadBps: maybe(rates),
  deviceWriteBps: maybe(rates),
  deviceReadIops: maybe(rates),
  deviceWriteIops: maybe(rates),
};

/** See `ProcessPlan` of the runtime. */
export const fineProcessEntries = {
  ulimits: maybe(v.array(v.object({ name: text, soft: number, hard: number }))),
  noNewPrivileges: maybe(v.boolean()),
  oomScoreAdj: maybe(number),
};

const flag = maybe(v.boolean());

export const PROPAGATIONS = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'] as const;

/** First ID on the file system, first ID that is seen, how many: a line of user_namespaces(7)'s maps. */
const idRange = v.tuple([number, number, number]);

const imageEntry = v.object({ reference: text, id: text, chainID: maybe(text) });

const mountEntries = {
  propagation: maybe(v.picklist(PROPAGATIONS)),
  /** Below the volume's root. */
  subpath: maybe(text),
  idmap: maybe(v.object({ uids: v.array(idRange), gids: v.array(idRange) })),
  image: maybe(imageEntry),
};

/** What a container has mounted: data for the runtime, see its `BindMount`, and where it came from. */
export const bindSchema = v.object({
  ...mountEntries,
  source: text,
  destination: text,
  readonly: v.boolean(),
  recursive: v.boolean(),
  /** What is mounted below the source can be written to all the same. */
  topReadonly: flag,
  /** The volume that `source` is; `anonymous`: it goes with the container. */
  volume: maybe(v.object({ name: text, anonymous: flag, nocopy: flag })),
  /** The source is not made when it is missing. */
  mustExist: flag,
  /** Words after the second colon of -v. */
  mode: maybe(text),
});

/** A mount as -v or --mount asks for it; `inspect` shows it. */
export const mountRequestSchema = v.object({
  ...mountEntries,
  /** Of -v, as it was written. */
  text: maybe(text),
  type: v.picklist(['bind', 'volume', 'tmpfs', 'image']),
  /** An absolute path, a volume's name, an image; without it a volume is anonymous. */
  source: maybe(text),
  destination: text,
  readonly: flag,
  mode: maybe(text),
  recursive: maybe(v.picklist(['enabled', 'disabled', 'writable', 'readonly'])),
  nocopy: flag,
  labels: maybe(v.record(text, text)),
  options: maybe(v.record(text, text)),
  /** Of a tmpfs: bytes, and the permission bits of its root. */
  size: maybe(number),
  fileMode: maybe(number),
});

/** All that was asked for, and the paths that the image wants volumes at. */
export const askedMountsSchema = v.object({
  mounts: v.array(mountRequestSchema),
  volumesFrom: v.array(text),
  imageVolumes: v.array(text),
});

export type ContainerBind = v.InferOutput<typeof bindSchema>;
export type MountRequest = v.InferOutput<typeof mountRequestSchema>;
export type AskedMounts = v.InferOutput<typeof askedMountsSchema>;

export const settingsSchema = v.object({
  privileged: maybe(v.boolean()),
  readonlyRootfs: maybe(v.boolean()),
  shmSize: maybe(number),
  tmpfs: maybe(v.array(v.object({ destination: text, options: v.array(text) }))),
  devices: maybe(v.array(v.object({ source: text, destination: text, permissions: text }))),
  sysctls: maybe(v.record(text, text)),
  pid: maybe(v.literal('host')),
  ipc: maybe(v.picklist(['host', 'none'])),
  uts: maybe(v.literal('host')),
  /** As the user wrote them. */
  capAdd: maybe(v.array(text)),
  capDrop: maybe(v.array(text)),
  securityOptions: maybe(v.array(text)),
  /** `HOST:ADDRESS`. */
  extraHosts: maybe(v.array(text)),
  dns: maybe(v.array(text)),
  dnsSearch: maybe(v.array(text)),
  dnsOptions: maybe(v.array(text)),
});

export type Settings = v.InferOutput<typeof settingsSchema>;

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

/** The many options of `run` and `create`, checked against each other. Pure. */
import { UsageError } from '../../errors.ts';
import type { Ulimit } from '../../runtime/settings.ts';
import { planCapabilities } from './capabilities.ts';
import type { Settings } from './schema.ts';

/** What may be asked of a container beyond its program, mounts, limits and network. */
export interface SettingsOptions extends Settings {
  /** Over those of the image. */
  labels?: Record<string, string>;
  ulimits?: Ulimit[];
  noNewPrivileges?: boolean;
  oomScoreAdj?: number;
  /** Supplementary groups by name or number. */
  groups?: string[];
}

/** The options as the parts of the record that hold them; what is absent or empty is left out. */
export function planSettings(options: SettingsOptions, network: string): Settings {
  checkNamespaces(options, network);
  const { labels: _1, ulimits: _2, noNewPrivileges: _3, oomScoreAdj: _4, groups: _5, ...rest } = options;
  const kept = Object.entries(pick(rest)).filter(([, value]) => !isEmpty(value));
  return Object.fromEntries(kept) as Settings;
}

const KEYS = [
  'privileged',
  'readonlyRootfs',
  'shmSize',
  'tmpfs',
  'devices',
  'sysctls',
  'pid',
  'ipc',
  'uts',
  'capAdd',
  'capDrop',
  'securityOptions',
  'extraHosts',
  'dns',
  'dnsSearch',
  'dnsOptions',
] as const satisfies (keyof Settings)[];

/** The options of `run` hold more than these. */
function pick(options: Settings): Settings {
  return Object.fromEntries(KEYS.map((key) => [key, options[key]])) as Settings;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === false) return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** What of the process's record the options decide. `available` is what gocker itself may hand on. */
export function planProcess(options: SettingsOptions, available: string[]) {
  const { ulimits = [], noNewPrivileges, oomScoreAdj, groups = [] } = options;
  return {
    groups,
    capabilities: planCapabilities(options, available),
    ...(ulimits.length > 0 ? { ulimits } : {}),
    ...(noNewPrivileges ? { noNewPrivileges } : {}),
    ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }),
  };
}

/** A setting of a namespace that is the host's would be one of the host (runc, validator.go). */
function checkNamespaces({ sysctls = {}, ipc, uts, ...options }: SettingsOptions, network: string): void {
  for (const name of Object.keys(sysctls)) {
    const shared = name.startsWith('net.') ? network === 'host' : ipc === 'host';
    if (!shared) continue;
    const where = name.startsWith('net.') ? 'network' : 'IPC';
    throw new UsageError(
      'SYSCTL_OF_HOST',
      `sysctl ${JSON.stringify(name)} cannot be set: the container shares the host's ${where} namespace`,
      { hint: 'leave out one of the two' },
    );
  }
  const { hostname } = options as { hostname?: string };
  if (uts === 'host' && hostname !== undefined) {
    throw new UsageError('CONFLICTING_FLAGS', 'conflicting options: hostname and the UTS mode', {
      hint: "with --uts host the container has the host's name",
    });
  }
}

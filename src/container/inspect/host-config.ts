import type { DeviceRate } from '../../runtime/cgroup/fine-limits.ts';
import { MASKED, READONLY } from '../../runtime/init/masks.ts';
import { portName } from '../network/ports.ts';
import type { ContainerConfig, PortBinding } from '../schema.ts';
import { inspectCare } from './life.ts';
import { inspectAskedMounts, mountedTmpfs } from './mounts.ts';

const SHM_SIZE = 64 * 1024 ** 2;

/** The Engine API's HostConfig: what was asked for, with docker's keys and docker's values for what was not. */
export function inspectHostConfig(config: ContainerConfig) {
  const { network, autoRemove, process, settings } = config;
  return {
    ...inspectAskedMounts(config),
    NetworkMode: network,
    PortBindings: bindings(config),
    ...inspectCare(config),
    AutoRemove: autoRemove,
    CapAdd: orNull(settings.capAdd ?? []),
    CapDrop: orNull(settings.capDrop ?? []),
    CgroupnsMode: 'private',
    Dns: settings.dns ?? [],
    DnsOptions: settings.dnsOptions ?? [],
    DnsSearch: settings.dnsSearch ?? [],
    ExtraHosts: orNull(settings.extraHosts ?? []),
    GroupAdd: orNull(process.groups),
    IpcMode: settings.ipc ?? 'private',
    OomScoreAdj: process.oomScoreAdj ?? 0,
    PidMode: settings.pid ?? '',
    Privileged: settings.privileged ?? false,
    PublishAllPorts: config.publishAll,
    ReadonlyRootfs: settings.readonlyRootfs ?? false,
    SecurityOpt: orNull(settings.securityOptions ?? []),
    ...inspectTmpfs(config),
    UTSMode: settings.uts ?? '',
    UsernsMode: '',
    ShmSize: settings.shmSize ?? SHM_SIZE,
    ...(settings.sysctls && { Sysctls: settings.sysctls }),
    ...inspectLimits(config),
    MaskedPaths: settings.privileged ? null : MASKED,
    ReadonlyPaths: settings.privileged ? null : READONLY,
  };
}

/** Those of --tmpfs. */
function inspectTmpfs(config: ContainerConfig) {
  const others = mountedTmpfs(config);
  const own = (config.settings.tmpfs ?? []).filter(({ destination }) => !others.includes(destination));
  if (own.length === 0) return {};
  return { Tmpfs: Object.fromEntries(own.map((one) => [one.destination, one.options.join(',')])) };
}

function inspectLimits({ limits, process, settings }: ContainerConfig) {
  return {
    CpuShares: limits.cpuShares ?? 0,
    Memory: limits.memory ?? 0,
    NanoCpus: Math.round((limits.cpus ?? 0) * 1e9),
    BlkioWeight: limits.blkioWeight ?? 0,
    BlkioWeightDevice: rates(limits.blkioWeightDevice, 'Weight'),
    BlkioDeviceReadBps: rates(limits.deviceReadBps, 'Rate'),
    BlkioDeviceWriteBps: rates(limits.deviceWriteBps, 'Rate'),
    BlkioDeviceReadIOps: rates(limits.deviceReadIops, 'Rate'),
    BlkioDeviceWriteIOps: rates(limits.deviceWriteIops, 'Rate'),
    CpuPeriod: limits.cpuPeriod ?? 0,
    CpuQuota: limits.cpuQuota ?? 0,
    CpusetCpus: limits.cpusetCpus ?? '',
    CpusetMems: limits.cpusetMems ?? '',
    Devices: (settings.devices ?? []).map(({ source, destination, permissions }) => ({
      PathOnHost: source,
      PathInContainer: destination,
      CgroupPermissions: permissions,
    })),
    MemoryReservation: limits.memoryReservation ?? 0,
    MemorySwap: limits.memorySwap ?? 0,
    MemorySwappiness: limits.memorySwappiness ?? null,
    OomKillDisable: limits.oomKillDisable ?? false,
    PidsLimit: limits.pids ?? null,
    Ulimits: (process.ulimits ?? []).map(({ name, soft, hard }) => ({ Name: name, Hard: hard, Soft: soft })),
  };
}

function rates(devices: DeviceRate[] = [], key: 'Weight' | 'Rate') {
  return devices.map(({ path, rate }) => ({ Path: path, [key]: rate }));
}

/** What was asked for: an empty address is all of them, an empty port any. */
function bindings({ ports }: ContainerConfig) {
  const names = [...new Set(ports.map(portName))].sort();
  return Object.fromEntries(
    names.map((name) => {
      const asked = ports.filter((port) => portName(port) === name);
      return [name, asked.map((port) => ({ HostIp: port.hostIp, HostPort: hostPort(port) }))];
    }),
  );
}

function hostPort({ hostPort: first, lastHostPort: last }: PortBinding): string {
  if (last !== undefined) return `${first}-${last}`;
  return first === 0 ? '' : String(first);
}

function orNull<T>(list: T[]): T[] | null {
  return list.length === 0 ? null : list;
}

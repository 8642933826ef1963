import { existsSync, readFileSync } from 'node:fs';
import { arch, availableParallelism, hostname, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { listContainers } from '../container/list.ts';
import { hasCode } from '../errors.ts';
import { findHierarchies, type Hierarchy } from '../runtime/cgroup/hierarchies.ts';
import { listImages } from '../store/images.ts';
import type { Parts } from './parts.ts';

/** What gocker keeps and what the host grants; docker's keys where docker has them. */
export interface EngineInfo {
  Containers: number;
  ContainersRunning: number;
  ContainersStopped: number;
  Images: number;
  Driver: string;
  /** What unpacks gzip. */
  Gzip: 'ISA-L' | 'zlib';
  /** `2`, `1`, or `1 (hybrid)`: v2 is mounted too, without controllers. */
  CgroupVersion: string;
  /** Which limits the host can hold: memory, swap, cpu, pids. */
  Limits: string[];
  KernelVersion: string;
  OperatingSystem: string;
  Architecture: string;
  NCPU: number;
  /** Bytes. */
  MemTotal: number;
  Name: string;
  GockerRootDir: string;
  Warnings: string[];
}

export async function readInfo(parts: Parts): Promise<EngineInfo> {
  const { containers } = await listContainers(parts.containers);
  const running = containers.filter(({ state }) => state.status === 'running').length;
  const { images } = await listImages(await parts.store());
  const host = readHost();
  const { gunzipLibrary } = await import('../layer/gunzip.ts');
  return {
    Containers: containers.length,
    ContainersRunning: running,
    ContainersStopped: containers.length - running,
    Images: images.length,
    Driver: await parts.storageDriver(),
    Gzip: gunzipLibrary(),
    ...host,
    KernelVersion: release(),
    OperatingSystem: operatingSystem(),
    Architecture: arch() === 'x64' ? 'x86_64' : 'aarch64',
    NCPU: availableParallelism(),
    MemTotal: totalmem(),
    Name: hostname(),
    GockerRootDir: parts.root,
  };
}

function readHost(): Pick<EngineInfo, 'CgroupVersion' | 'Limits' | 'Warnings'> {
  const hierarchies = findHierarchies();
  const limits = ['memory', 'swap', 'cpu', 'pids'].filter((limit) => isGranted(hierarchies, limit));
  const v1 = hierarchies.some(({ version, controllers }) => version === 1 && controllers.includes('memory'));
  const v2 = hierarchies.some(({ version }) => version === 2);
  const missing = ['memory', 'swap', 'cpu', 'pids'].filter((limit) => !limits.includes(limit));
  return {
    CgroupVersion: v1 ? (v2 ? '1 (hybrid)' : '1') : '2',
    Limits: limits,
    Warnings: [
      ...missing.map((limit) => `no ${limit} limit support`),
      ...(hasCapability(CAP_SYS_RESOURCE)
        ? []
        : ['no CAP_SYS_RESOURCE: resource limits of a container cannot be above those of gocker itself']),
    ],
  };
}

function isGranted(hierarchies: Hierarchy[], limit: string): boolean {
  const controller = limit === 'swap' ? 'memory' : limit;
  const v1 = hierarchies.find(({ controllers }) => controllers.includes(controller));
  if (v1) return limit !== 'swap' || existsSync(join(v1.mountpoint, 'memory.memsw.limit_in_bytes'));
  const v2 = hierarchies.find(({ version }) => version === 2);
  if (!v2 || !readText(join(v2.mountpoint, 'cgroup.controllers')).split(/\s+/).includes(controller))
    return false;
  return limit !== 'swap' || existsSync('/proc/swaps');
}

/** capabilities(7), linux/capability.h. */
const CAP_SYS_RESOURCE = 24n;

function hasCapability(number: bigint): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readText('/proc/self/status'))?.[1] ?? '0';
  return (BigInt(`0x${effective}`) & (1n << number)) !== 0n;
}

function operatingSystem(): string {
  return /^PRETTY_NAME="?(.*?)"?$/m.exec(readText('/etc/os-release'))?.[1] ?? 'Linux';
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  }
}

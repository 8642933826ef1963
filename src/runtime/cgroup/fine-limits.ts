/** A device of the host and how much of it a container may use. */
export interface DeviceRate {
  /** Path of a block device. */
  path: string;
  /** Bytes or operations per second; for a weight, 10 to 1000. */
  rate: number;
}

/** The limits that few containers need; absent means the kernel's default. */
export interface FineLimits {
  /** Weight against other containers, 1024 is ordinary. */
  cpuShares?: number;
  /** Microseconds; together they are what `cpus` is. */
  cpuPeriod?: number;
  cpuQuota?: number;
  /** `0-2,4`. */
  cpusetCpus?: string;
  cpusetMems?: string;
  /** Bytes that are left to the container when memory gets scarce. */
  memoryReservation?: number;
  /** 0 to 100; cgroup v1 alone has it. */
  memorySwappiness?: number;
  /** Programs wait where they would be killed; cgroup v1 alone has it. */
  oomKillDisable?: boolean;
  /** 10 to 1000. */
  blkioWeight?: number;
  blkioWeightDevice?: DeviceRate[];
  deviceReadBps?: DeviceRate[];
  deviceWriteBps?: DeviceRate[];
  deviceReadIops?: DeviceRate[];
  deviceWriteIops?: DeviceRate[];
}

export const THROTTLES = ['deviceReadBps', 'deviceWriteBps', 'deviceReadIops', 'deviceWriteIops'] as const;

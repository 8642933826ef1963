/** What a container may be given beyond its program and its limits: data for init, kept in the record as it stands. */

/** A resource limit of processes (getrlimit(2)) by its name without `RLIMIT_`, in small letters; -1 is no limit. */
export interface Ulimit {
  name: string;
  soft: number;
  hard: number;
}

/** A file system in memory. */
export interface TmpfsMount {
  /** Absolute path in the container; resolved inside its root only. */
  destination: string;
  /** Words as mount(8) takes them after `-o`: `size=64m`, `exec`. */
  options: string[];
}

/** A device node of the host, or a directory of them, that the container may use. */
export interface DeviceMapping {
  /** Absolute host path. */
  source: string;
  /** Absolute path in the container. */
  destination: string;
  /** Letters of `rwm`. */
  permissions: string;
}

export interface ContainerSettings {
  /** Every device of the host, no masked paths, /sys and cgroups to write to. Capabilities are the process's. */
  privileged?: boolean;
  /** Nothing but mounts can be written to. */
  readonlyRootfs?: boolean;
  /** Bytes of /dev/shm. */
  shmSize?: number;
  tmpfs?: TmpfsMount[];
  devices?: DeviceMapping[];
  /** Values by name, as `net.ipv4.ip_forward`. */
  sysctls?: Record<string, string>;
  /** The host's namespaces instead of the container's own; `none` is a container without /dev/shm. */
  pid?: 'host';
  ipc?: 'host' | 'none';
  uts?: 'host';
}

/** What `run` and `create` share of the options of a container: docker's names, in docker's groups. */
import { boolean } from '@oclif/core/flags';
import { text, texts } from '../flags.ts';

const LIMITS = { helpGroup: 'LIMITS' };
const SECURITY = { helpGroup: 'SECURITY' };
const NAMES = { helpGroup: 'NAMES' };
const rate = (what: string) => texts({ description: what, helpValue: 'DEVICE:RATE', ...LIMITS });

export const containerFlags = {
  label: texts({ char: 'l', description: 'a label of the container', helpValue: 'KEY[=VALUE]' }),
  'label-file': texts({ description: 'read labels from a file, one KEY=VALUE a line', helpValue: 'FILE' }),
  tmpfs: texts({ description: 'a file system in memory', helpValue: 'DIR[:OPTIONS]', helpGroup: 'MOUNTS' }),
  'shm-size': text({ description: 'size of /dev/shm, 64m without it', helpValue: 'SIZE' }),
  'read-only': boolean({ description: 'nothing but mounts can be written to' }),
  device: texts({ description: 'give a device of the host', helpValue: 'SRC[:DST[:rwm]]' }),
  'group-add': texts({ description: 'one more group of the user', helpValue: 'GROUP' }),
  ulimit: texts({
    description: 'a resource limit of each process',
    helpValue: 'NAME=SOFT[:HARD]',
    ...LIMITS,
  }),

  'cap-add': texts({ description: 'add a capability, or ALL', helpValue: 'NAME', ...SECURITY }),
  'cap-drop': texts({ description: 'take a capability away, or ALL', helpValue: 'NAME', ...SECURITY }),
  privileged: boolean({ description: 'all capabilities, all devices, nothing masked', ...SECURITY }),
  'security-opt': texts({
    description: 'no-new-privileges, seccomp=unconfined, apparmor=unconfined, label=disable',
    helpValue: 'OPTION',
    ...SECURITY,
  }),
  sysctl: texts({ description: "a setting of the container's own namespaces", helpValue: 'NAME=VALUE' }),
  pid: text({ description: "host for the host's processes in view", helpValue: 'MODE', ...SECURITY }),
  ipc: text({ description: 'host, private or none', helpValue: 'MODE', ...SECURITY }),
  uts: text({ description: "host for the host's name", helpValue: 'MODE', ...SECURITY }),
  userns: text({ description: 'host, the only one there is', helpValue: 'MODE', ...SECURITY }),

  'add-host': texts({ description: 'one more line of /etc/hosts', helpValue: 'NAME:ADDRESS', ...NAMES }),
  dns: texts({ description: 'a name server', helpValue: 'ADDRESS', ...NAMES }),
  'dns-search': texts({
    description: 'a domain to look names up in, . for none',
    helpValue: 'DOMAIN',
    ...NAMES,
  }),
  'dns-option': texts({
    description: 'an option of resolv.conf',
    helpValue: 'OPTION',
    ...NAMES,
    aliases: ['dns-opt'],
  }),

  'cpu-shares': text({ char: 'c', description: 'weight against others, 1024', helpValue: 'N', ...LIMITS }),
  'cpu-period': text({ description: 'period of the CPU quota', helpValue: 'MICROSECONDS', ...LIMITS }),
  'cpu-quota': text({ description: 'CPU time in each period', helpValue: 'MICROSECONDS', ...LIMITS }),
  'cpuset-cpus': text({ description: 'CPUs to run on, as in 0-2,4', helpValue: 'LIST', ...LIMITS }),
  'cpuset-mems': text({ description: 'memory nodes to use', helpValue: 'LIST', ...LIMITS }),
  'memory-reservation': text({ description: 'memory that is left to it', helpValue: 'SIZE', ...LIMITS }),
  'memory-swappiness': text({ description: '0 to 100', helpValue: 'N', ...LIMITS }),
  'oom-kill-disable': boolean({ description: 'wait where the kernel would kill', ...LIMITS }),
  'oom-score-adj': text({ description: 'who is killed first, -1000 to 1000', helpValue: 'N', ...LIMITS }),
  'blkio-weight': text({ description: 'weight of block I/O, 10 to 1000', helpValue: 'N', ...LIMITS }),
  'blkio-weight-device': texts({ description: 'its weight', helpValue: 'DEVICE:WEIGHT', ...LIMITS }),
  'device-read-bps': rate('bytes read from a device a second'),
  'device-write-bps': rate('bytes written to a device a second'),
  'device-read-iops': rate('reads from a device a second'),
  'device-write-iops': rate('writes to a device a second'),
};

type Flags = typeof containerFlags;

/** Those that are given once; the rest may be repeated, except for the switches. */
type Single =
  | 'shm-size'
  | 'pid'
  | 'ipc'
  | 'uts'
  | 'userns'
  | 'cpu-shares'
  | 'cpu-period'
  | 'cpu-quota'
  | 'cpuset-cpus'
  | 'cpuset-mems'
  | 'memory-reservation'
  | 'memory-swappiness'
  | 'oom-score-adj'
  | 'blkio-weight';
type Switch = 'read-only' | 'privileged' | 'oom-kill-disable';

/** The values of `containerFlags`, as oclif reads them. */
export type ContainerFlagValues = {
  [Name in Exclude<keyof Flags, Single | Switch>]?: string[] | undefined;
} & {
  [Name in Single]?: string | undefined;
} & { [Name in Switch]?: boolean | undefined };

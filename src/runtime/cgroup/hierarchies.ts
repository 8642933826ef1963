import { readFileSync } from 'node:fs';
import { GockerError } from '../../errors.ts';

/** One mounted cgroup hierarchy of the host (cgroups(7)). */
export interface Hierarchy {
  version: 1 | 2;
  /** Where it is mounted. */
  mountpoint: string;
  /** v1: its controllers, or `name=...`; v2: empty, its controllers are in `cgroup.controllers`. */
  controllers: string[];
}

const V1_CONTROLLERS = new Set(
  'blkio cpu cpuacct cpuset devices freezer hugetlb memory misc net_cls net_prio perf_event pids rdma'.split(
    ' ',
  ),
);

let known: Hierarchy[] | undefined;

/** All hierarchies of this host, looked up once a process; throws NO_CGROUPS when there is none. */
export function findHierarchies(): Hierarchy[] {
  known ??= parseHierarchies(readFileSync('/proc/self/mountinfo', 'utf8'));
  return known;
}

/** The hierarchies that a /proc/PID/mountinfo (proc(5)) tells of. */
export function parseHierarchies(mountinfo: string): Hierarchy[] {
  const seen = new Map<string, Hierarchy>();
  for (const line of mountinfo.split('\n')) {
    const found = parseMount(line);
    const key = found && (found.version === 2 ? 'v2' : found.controllers.join());
    if (found && key !== undefined && !seen.has(key)) seen.set(key, found);
  }
  if (seen.size > 0) return [...seen.values()];
  throw new GockerError('NO_CGROUPS', 'no cgroup file system is mounted', {
    hint: 'mount -t cgroup2 none /sys/fs/cgroup',
  });
}

/** A line of /proc/PID/mountinfo (proc(5)), when it is a cgroup hierarchy mounted from its root. */
function parseMount(line: string): Hierarchy | undefined {
  const [before, after] = line.split(' - ');
  const [, , , root, mountpoint] = before?.split(' ') ?? [];
  const [type, , options] = after?.split(' ') ?? [];
  if (mountpoint === undefined || root === undefined || root.startsWith('/..')) return undefined;
  if (type === 'cgroup2') return { version: 2, mountpoint: unescapeOctal(mountpoint), controllers: [] };
  if (type !== 'cgroup') return undefined;
  const controllers = (options ?? '')
    .split(',')
    .filter((word) => V1_CONTROLLERS.has(word) || word.startsWith('name='));
  return { version: 1, mountpoint: unescapeOctal(mountpoint), controllers };
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

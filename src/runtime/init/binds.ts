import { AT, MAGIC, MOUNT_ATTR } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { GockerError, hasCode } from '../../errors.ts';
import { attach, cloneHostPath, closeAll, setAttributes } from '../new-mount.ts';
import type { BindMount } from '../types.ts';
import { ensureDirectory, ensureFile, isDirectory, locateIfPresent, type Root } from './in-root.ts';

/** A host path that is held by an fd, to be attached once the container's root stands. */
export interface HeldBind {
  bind: BindMount;
  mount: number;
  /** Its root gets the permissions of what is there already. */
  takesMode?: boolean;
}

/** What lxcfs and its like put below /proc; nothing else may be mounted there (CVE-2019-16884). */
const PROC_ALLOWED = new Set(
  'cpuinfo meminfo stat uptime swaps loadavg diskstats slabinfo'.split(' ').map((name) => `/proc/${name}`),
);

/** Takes hold of the sources while the host's files are still in view. */
export function holdBinds(syscalls: Syscalls, binds: BindMount[]): HeldBind[] {
  return binds.map((bind) => because(`take ${bind.source}`, () => ({ bind, mount: hold(syscalls, bind) })));
}

function hold(syscalls: Syscalls, bind: BindMount): number {
  try {
    const mount = cloneHostPath(syscalls, bind.source, bind.recursive);
    if (bind.readonly) setAttributes(syscalls, mount, MOUNT_ATTR.RDONLY, bind.recursive);
    return mount;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    throw new GockerError('BIND_SOURCE_MISSING', `bind source path does not exist: ${bind.source}`, {
      cause: error,
      hint: `make it, or correct the part before the colon of -v ${bind.source}:${bind.destination}`,
    });
  }
}

/** Attaches the held sources, parents before children. */
export function attachBinds(root: Root, held: HeldBind[]): void {
  const depth = ({ bind }: HeldBind) => bind.destination.split('/').filter(Boolean).length;
  for (const one of [...held].sort((a, b) => depth(a) - depth(b))) {
    because(`mount ${one.bind.source} at ${one.bind.destination}`, () => attachOne(root, one));
  }
}

function attachOne(root: Root, { bind, mount, takesMode }: HeldBind): void {
  const { syscalls } = root;
  if (takesMode) takeMode(root, mount, bind.destination);
  const make = isDirectory(syscalls, mount) ? ensureDirectory : ensureFile;
  const place = make(root, bind.destination);
  refuseProc(syscalls, place, bind.destination);
  attach(syscalls, mount, place);
  closeAll(syscalls, mount, place);
}

function takeMode(root: Root, mount: number, destination: string): void {
  const { syscalls } = root;
  const present = locateIfPresent(root, destination);
  if (present === undefined) return;
  const { mode } = syscalls.statx(present, '', AT.EMPTY_PATH);
  syscalls.fchmodat(mount, '.', mode & 0o7777);
  syscalls.close(present);
}

/** By what the place is, not by its name: a link in the image may lead to /proc. */
function refuseProc(syscalls: Syscalls, place: number, destination: string): void {
  if (syscalls.fstatfs(place).type !== MAGIC.PROC || PROC_ALLOWED.has(destination)) return;
  throw new GockerError('BIND_REFUSED', `${destination} is inside /proc, where nothing may be mounted`, {
    hint: 'choose another destination',
  });
}

import { AT, MAGIC } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { GockerError } from '../../errors.ts';
import { attach, closeAll } from '../new-mount.ts';
import type { HeldBind } from './hold.ts';
import { ensureDirectory, ensureFile, isDirectory, locateIfPresent, type Root } from './in-root.ts';

/** What lxcfs and its like put below /proc; nothing else may be mounted there (CVE-2019-16884). */
const PROC_ALLOWED = new Set(
  'cpuinfo meminfo stat uptime swaps loadavg diskstats slabinfo'.split(' ').map((name) => `/proc/${name}`),
);

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

import { AT, O } from '../../../native/constants.ts';
import { hasCode } from '../../errors.ts';
import { type ByteString, basename, dirname, toPath } from '../bytes.ts';
import { InvalidLayerError } from '../error.ts';
import type { TarEntry } from '../tar/entry.ts';
import { OPEN_DIRECTORY } from '../tree.ts';
import type { Applying, Place } from './context.ts';
import { clear, isDirectory, lookUp } from './existing.ts';
import { setMetadata } from './metadata.ts';
import { realPath } from './parents.ts';

/** A directory, or a new look for one that exists. Its time is set at the end of the layer. */
export function applyDirectory(applying: Applying, path: ByteString, entry: TarEntry): void {
  const { syscalls, implied } = applying;
  const fd =
    path === '' ? syscalls.openat(applying.root, '.', OPEN_DIRECTORY) : openDirectory(applying, path);
  try {
    applying.own?.remember(fd, '');
    setMetadata(applying, fd, entry);
    if (implied.size > 0) implied.delete(realPath(applying.root, fd));
    applying.directoryTimes.set(path, entry.mtimeNs);
  } finally {
    syscalls.close(fd);
  }
}

/** An entry for the root itself, as `./`, can only be a directory. */
export function refuseRoot(entry: TarEntry): void {
  if (entry.type !== 'directory')
    throw new InvalidLayerError(`the root directory cannot become a ${entry.type}`);
}

function openDirectory(applying: Applying, path: ByteString): number {
  const { syscalls, parents } = applying;
  const place = { parent: parents.get(dirname(path)), name: basename(path) };
  if (!makeDirectory(applying, place) && !isDirectory(lookUp(applying, place))) {
    clear(applying, place);
    place.parent = parents.get(dirname(path));
    makeDirectory(applying, place);
  }
  return syscalls.openat(place.parent, toPath(place.name), OPEN_DIRECTORY);
}

/** False when the name is taken. */
function makeDirectory({ syscalls }: Applying, { parent, name }: Place): boolean {
  try {
    syscalls.mkdirat(parent, toPath(name), 0o700);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** The times of all directories, now that nothing is written into them any more. */
export function setDirectoryTimes({ syscalls, parents, directoryTimes }: Applying): void {
  parents.forget();
  for (const [path, mtimeNs] of directoryTimes) {
    const parent = parents.find(dirname(path));
    if (parent === undefined) continue;
    const name = path === '' ? '.' : toPath(basename(path));
    setTimeOf(
      () => syscalls.openat(parent, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC),
      (fd) => {
        syscalls.utimensat(fd, '', mtimeNs, mtimeNs, AT.EMPTY_PATH);
        syscalls.close(fd);
      },
    );
  }
}

/** A later entry may have put something else in the directory's place; that has a time of its own. */
function setTimeOf(open: () => number, set: (fd: number) => void): void {
  let fd: number;
  try {
    fd = open();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return;
    throw error;
  }
  set(fd);
}

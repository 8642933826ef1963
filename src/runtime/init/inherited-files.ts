import { readdirSync, readlinkSync } from 'node:fs';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { hasCode } from '../../errors.ts';
import { CONTAINER_FD } from '../protocol.ts';

const OWN = '/proc/self/fd';

/**
 * Closes what gocker's caller left open of the host's files and directories: a path such as /proc/self/fd/N/bin/sh would
 * lead the program there (CVE-2024-21626). Node's own fds are pipes and anonymous; they must stay, since threads of Node
 * write to them until execve(2) ends them, and lead nowhere.
 */
export function closeInheritedFiles(syscalls: Syscalls): void {
  because('close files that the caller left open', () => {
    for (const fd of readdirSync(OWN).map(Number)) {
      if (fd > CONTAINER_FD && leadsToFile(fd)) syscalls.close(fd);
    }
  });
}

/** False for pipes, sockets and anonymous inodes, whose links are no paths, and for what is closed already. */
function leadsToFile(fd: number): boolean {
  try {
    return readlinkSync(`${OWN}/${fd}`).startsWith('/');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

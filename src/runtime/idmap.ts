/** User namespaces that say how owners are seen through a mount (mount_setattr(2), MOUNT_ATTR_IDMAP). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { GockerError, hasCode } from '../errors.ts';
import type { BindMount, IdMap, IdRange } from './types.ts';

export interface MappedBinds {
  binds: BindMount[];
  /** Once the mounts are made. */
  close(): void;
}

/** The binds with a user namespace for each that has a map. Throws IDMAP for a map that the kernel does not take. */
export async function openIdmaps(binds: BindMount[]): Promise<MappedBinds> {
  const opened: number[] = [];
  const close = () => {
    for (const fd of opened.splice(0)) closeSync(fd);
  };
  try {
    const mapped: BindMount[] = [];
    for (const bind of binds) {
      if (bind.idmap === undefined) mapped.push(bind);
      else {
        const fd = await openUserNamespace(bind.idmap);
        opened.push(fd);
        mapped.push({ ...bind, userNamespace: `/proc/${process.pid}/fd/${fd}` });
      }
    }
    return { binds: mapped, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** A process with threads cannot make one (unshare(2), EINVAL): a shell does, and ends once the namespace is held by an fd. */
async function openUserNamespace({ uids, gids }: IdMap): Promise<number> {
  const child = spawn('unshare', ['--user', 'sh', '-c', 'echo; read line'], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  try {
    await isReady(child);
    writeMap(child, 'uid', uids);
    writeMap(child, 'gid', gids);
    return openSync(`/proc/${child.pid}/ns/user`, 'r');
  } finally {
    child.kill('SIGKILL');
  }
}

async function isReady(child: ChildProcess): Promise<void> {
  const failed = new GockerError('IDMAP', 'no user namespace can be made to map owners with', {
    hint: 'unshare(1) of util-linux must be there, and user.max_user_namespaces must not be 0',
  });
  child.once('error', () => undefined);
  const ready = await Promise.race([
    once(child.stdout!, 'data').then(() => true),
    once(child, 'close').then(() => false),
  ]).catch(() => false);
  if (!ready) throw failed;
}

function writeMap({ pid }: ChildProcess, kind: 'uid' | 'gid', ranges: IdRange[]): void {
  try {
    writeFileSync(`/proc/${pid}/${kind}_map`, ranges.map((range) => `${range.join(' ')}\n`).join(''));
  } catch (error) {
    if (!hasCode(error, 'EINVAL', 'EPERM', 'ERANGE')) throw error;
    const text = ranges.map((range) => range.join('-')).join('#');
    throw new GockerError('IDMAP', `the kernel does not take the ${kind} map ${text}`, {
      cause: error,
      hint: 'ranges may not overlap, on either side (user_namespaces(7))',
    });
  }
}

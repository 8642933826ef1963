import { makeCgroups } from './cgroup/create.ts';
import { joinFromOutside } from './cgroup/request.ts';
import { endInit, type InitProcess } from './supervisor/spawn-init.ts';

/** An init that has been started before anybody knew what it is to become. */
export interface WaitingInit {
  init: InitProcess;
  /** Settles when it is in its container's cgroups, where it was placed. */
  joined?: Promise<void>;
}

export interface WaitingInits {
  /** Starts one, unless one is waiting already. It does not keep this process alive. */
  warm(): void;
  /**
   * Makes the cgroups of the container `id` for the one that waits, and begins to move it into those that do not limit it:
   * the kernel takes 10 to 20 ms over that. Does nothing without a waiting one.
   */
  place(id: string): void;
  /** The one that was placed for the container, or waits for any. */
  take(id: string): WaitingInit | undefined;
  /** Ends the one that was placed for a container that will not be. */
  drop(id: string): Promise<void>;
}

export function createWaitingInits(spawn: () => InitProcess): WaitingInits {
  let warmed: InitProcess | undefined;
  const placed = new Map<string, WaitingInit>();
  const takeWarmed = (): WaitingInit | undefined => {
    const init = warmed;
    warmed = undefined;
    return init && { init };
  };
  return {
    warm: () => {
      warmed ??= keepsAlive(spawn(), false);
    },
    place: (id) => {
      const waiting = takeWarmed();
      if (!waiting) return;
      const joined = makeAndJoin(id, waiting.init.identity.pid);
      joined.catch(() => undefined);
      placed.set(id, { ...waiting, joined });
    },
    take: (id) => {
      const own = placed.get(id);
      placed.delete(id);
      return own ?? takeWarmed();
    },
    drop: async (id) => {
      const own = placed.get(id);
      placed.delete(id);
      if (own) await endInit(own.init);
    },
  };
}

async function makeAndJoin(id: string, pid: number): Promise<void> {
  // While a process is on its way into a cgroup the kernel makes none.
  makeCgroups(id);
  await joinFromOutside(id, pid);
}

/** Whether this process waits for init to end. */
export function keepsAlive(init: InitProcess, yes: boolean): InitProcess {
  const handles = [init.child, init.control, init.reports, init.stdin, init.stdout, init.stderr];
  for (const handle of handles) yes ? handle.ref() : handle.unref();
  return init;
}

import { Worker } from 'node:worker_threads';

/** A thread that unpacks. */
export interface Thread {
  worker: Worker;
  /** How many layers it has in hand. */
  jobs: number;
  /** It is for one layer only. */
  isAlone: boolean;
}

/** Threads, started as they are needed. */
export interface Threads {
  /** One with as little to do as any; `isAlone`: a new one that nobody else gets. */
  take(isAlone: boolean): Thread;
  /** The layer is through. `isSound`: the thread can go on. */
  giveBack(thread: Thread, isSound: boolean): void;
  close(): Promise<void>;
}

/** At most `most` threads that are not for one layer alone, of the bundled worker `file`. */
export function createThreads(most: number, file: string): Threads {
  const all = new Set<Thread>();

  function start(isAlone: boolean): Thread {
    const thread = { worker: new Worker(file, { execArgv: [] }), jobs: 0, isAlone };
    all.add(thread);
    return thread;
  }

  function idlest(): Thread | undefined {
    const shared = [...all].filter((thread) => !thread.isAlone).sort((one, other) => one.jobs - other.jobs);
    return shared.length === most || shared[0]?.jobs === 0 ? shared[0] : undefined;
  }

  async function discard(thread: Thread): Promise<void> {
    all.delete(thread);
    await thread.worker.terminate();
  }

  return {
    take(isAlone) {
      const thread = (isAlone ? undefined : idlest()) ?? start(isAlone);
      thread.jobs++;
      return thread;
    },
    giveBack(thread, isSound) {
      thread.jobs--;
      if (!isSound || thread.isAlone) void discard(thread);
    },
    async close() {
      await Promise.all([...all].map(discard));
    },
  };
}

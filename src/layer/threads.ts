import { Worker } from 'node:worker_threads';
import type { LayerJob } from './job.ts';

/** A thread that unpacks. */
export interface Thread {
  worker: Worker;
  /** The layers that it has in hand. */
  jobs: Set<LayerJob>;
  /** It is for one layer only. */
  isAlone: boolean;
}

/** Threads, started as they are needed. */
export interface Threads {
  /** Gives the job to one with as little to do as any; with mounts to a new one that nobody else gets. */
  take(job: LayerJob): Thread;
  /** The job is through. `isSound`: the thread can go on. */
  giveBack(thread: Thread, job: LayerJob, isSound: boolean): void;
  /** How many have something to do. */
  busy(): number;
  close(): Promise<void>;
}

/** MiB: what a thread makes is short-lived and small, and V8 would take ten times as much before it looks for it. */
const YOUNG = 2;

/** Bytes of all layers in hand. */
function load({ jobs }: Thread): number {
  return [...jobs].reduce((sum, { layer }) => sum + layer.size, 0);
}

/** At most `most` threads that are not for one layer alone, of the bundled worker `file`. */
export function createThreads(most: number, file: string): Threads {
  const all = new Set<Thread>();

  function start(isAlone: boolean): Thread {
    const worker = new Worker(file, { execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: YOUNG } });
    const thread: Thread = { worker, jobs: new Set(), isAlone };
    all.add(thread);
    return thread;
  }

  function idlest(): Thread | undefined {
    const shared = [...all].filter((thread) => !thread.isAlone).sort((one, other) => load(one) - load(other));
    return shared.length === most || shared[0]?.jobs.size === 0 ? shared[0] : undefined;
  }

  async function discard(thread: Thread): Promise<void> {
    all.delete(thread);
    await thread.worker.terminate();
  }

  return {
    take(job) {
      const isAlone = job.mounts !== undefined;
      const thread = (isAlone ? undefined : idlest()) ?? start(isAlone);
      thread.jobs.add(job);
      return thread;
    },
    giveBack(thread, job, isSound) {
      thread.jobs.delete(job);
      if (!isSound || thread.isAlone) void discard(thread);
    },
    busy: () => [...all].filter(({ jobs }) => jobs.size > 0).length,
    async close() {
      await Promise.all([...all].map(discard));
    },
  };
}

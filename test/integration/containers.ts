/** Containers in the background, for the tests of their life. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll } from 'vitest';
import { type Gocker, image, type Result, useGocker } from './helpers.ts';

/** The monitor's process and its container's, as the record has them. */
export interface Processes {
  monitor: number;
  program: number;
}

export interface Containers {
  gocker: Gocker;
  /** An image that is here already. */
  busybox: string;
  /** `run -d --name NAME REST`. */
  detached(name: string, ...rest: string[]): Promise<Result>;
  /** What `ps -a` says of it; undefined when it is not listed. */
  status(name: string): Promise<string | undefined>;
  /** Where its record is; takes what `run -d` prints. */
  directoryOf(id: string): string;
  processes(id: string): Processes;
  /** `State` of `inspect`. */
  stateOf(name: string): Promise<Record<string, unknown>>;
}

/** gocker with an image; after each test all its containers are removed. */
export function useContainers(): Containers {
  const gocker = useGocker();
  const busybox = image('busybox:1');
  beforeAll(async () => {
    await gocker(['pull', '-q', busybox]);
  });
  afterEach(() => removeAll(gocker));
  const directoryOf = (id: string) => join(gocker.root, 'containers', id.trim());
  return {
    gocker,
    busybox,
    detached: (name, ...rest) => gocker(['run', '-d', '--name', name, ...rest]),
    status: async (name) =>
      (await gocker(['ps', '-a', '--format', '{{.Names}} {{.Status}}'])).stdout
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length + 1),
    directoryOf,
    processes: (id) => {
      const record = JSON.parse(readFileSync(join(directoryOf(id), 'state.json'), 'utf8'));
      return { monitor: record.supervisor.pid, program: record.identity.pid };
    },
    stateOf: async (name) => JSON.parse((await gocker(['container', 'inspect', name])).stdout)[0].State,
  };
}

export async function removeAll(gocker: Gocker): Promise<void> {
  const ids = (await gocker(['ps', '-aq'])).stdout.split('\n').filter(Boolean);
  if (ids.length > 0) await gocker(['rm', '-f', ...ids]);
}

/** Whether a process runs; a zombie is waiting for its parent, whoever that is now. */
export function lives(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

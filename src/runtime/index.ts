/** The runtime: makes containers and runs programs in them. See ARCHITECTURE.md, "Run". */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Syscalls } from '../../native/syscalls.ts';
import { createCgroups } from './cgroup/create.ts';
import { destroyCgroups, killCgroups } from './cgroup/destroy.ts';
import { restrictDevices } from './cgroup/devices.ts';
import { isFrozen, setFrozen } from './cgroup/freeze.ts';
import { wasOomKilled } from './cgroup/oom.ts';
import { processesOf } from './cgroup/processes.ts';
import { cgroupRequest, joinFromOutside } from './cgroup/request.ts';
import { updateCgroups } from './cgroup/update.ts';
import { cgroupUsage } from './cgroup/usage.ts';
import { copyCalls } from './copy/index.ts';
import { grantOf, ownCapabilities } from './grant.ts';
import { isAlive } from './identity.ts';
import { type MappedBinds, openIdmaps } from './idmap.ts';
import { signalProcess } from './signal.ts';
import { openContainer } from './supervisor/open-container.ts';
import { type Birth, endInit, spawnInit } from './supervisor/spawn-init.ts';
import { type StartedProgram, startProgram } from './supervisor/start.ts';
import type { ContainerPlan, FurtherProcess, RunningProcess, Runtime } from './types.ts';
import { createWaitingInits, keepsAlive, type WaitingInit } from './waiting.ts';

export interface RuntimeOptions {
  syscalls: Syscalls;
  /** Init's bundled script; beside the bundle that this module is in when absent. */
  initScript?: string;
}

/** How long output that something keeps open after an exec'ed program has ended is waited for; docker's. */
const EXEC_OUTPUT_GRACE_MS = 2000;
const SIGKILL_EXIT = 137;

export function createRuntime({ syscalls, initScript }: RuntimeOptions): Runtime {
  const script = initScript ?? fileURLToPath(new URL('./init.cjs', import.meta.url));
  const spawn = (birth: Omit<Birth, 'script'> = {}) => spawnInit(syscalls, { ...birth, script });
  const waiting = createWaitingInits(spawn);
  /** One that waits was born in a PID namespace of its own. */
  const initFor = async ({ id, settings }: ContainerPlan): Promise<WaitingInit> => {
    const early = waiting.take(id);
    if (settings?.pid === 'host') {
      if (early) await endInit(early.init);
      return { init: spawn({ hostPid: true }) };
    }
    if (early) keepsAlive(early.init, true);
    return early ?? { init: spawn() };
  };

  return {
    isAlive,
    signal: (identity, signal) => signalProcess(syscalls, identity, signal),
    destroy: async (id) => {
      await waiting.drop(id);
      await destroyCgroups(syscalls, id);
    },
    oomKilled: wasOomKilled,
    copy: copyCalls(syscalls),
    update: updateCgroups,
    processes: processesOf,
    usage: cgroupUsage,
    isFrozen,
    setFrozen,
    grant: (asked) => grantOf(syscalls, asked),
    capabilities: ownCapabilities,
    warm: waiting.warm,
    place: waiting.place,
    run: async (plan, streams, onCreated) => {
      const { init, joined } = await initFor(plan);
      let mapped: MappedBinds | undefined;
      try {
        mapped = await openIdmaps(plan.binds);
        await createCgroups(syscalls, plan.id, plan.limits);
        restrictDevices(plan.id, plan.settings?.devices ?? []);
        const own = { ...plan, binds: mapped.binds };
        const request = { kind: 'run' as const, plan: own, cgroup: cgroupRequest(plan.id) };
        const program = await startProgram(syscalls, init, {
          request,
          process: plan.process,
          streams,
          meanwhile: (pid) => joined ?? joinFromOutside(plan.id, pid),
          onCreated,
        });
        return containerProcess(syscalls, plan, program);
      } catch (error) {
        await endInit(init);
        await destroyCgroups(syscalls, plan.id);
        throw error;
      } finally {
        mapped?.close();
      }
    },
    exec: async (container, id, process, streams) => {
      const { pidfd, pidNamespace } = openContainer(syscalls, container);
      try {
        const init = spawn({ pidNamespace, extra: [pidfd] });
        const request = { kind: 'exec' as const, process, cgroup: cgroupRequest(id) };
        return execProcess(
          await startProgram(syscalls, init, {
            request,
            process,
            streams,
            meanwhile: (pid) => joinFromOutside(id, pid),
          }),
        );
      } finally {
        for (const fd of [pidfd, pidNamespace]) syscalls.close(fd);
      }
    },
  };
}

function containerProcess(syscalls: Syscalls, plan: ContainerPlan, program: StartedProgram): RunningProcess {
  return {
    ...program,
    wait: async () => {
      const exitCode = await program.ended;
      // Only a PID namespace of its own takes the others with it, and they may hold the streams.
      if (plan.settings?.pid === 'host') killCgroups(syscalls, plan.id);
      const outputError = await program.relay.drained.catch((error: Error) => error);
      program.relay.stop();
      const oomKilled = exitCode === SIGKILL_EXIT && wasOomKilled(plan.id);
      await destroyCgroups(syscalls, plan.id);
      return { exitCode, oomKilled, ...(outputError ? { outputError } : {}) };
    },
  };
}

function execProcess(program: StartedProgram): FurtherProcess {
  return {
    ...program,
    wait: async () => {
      const exitCode = await program.ended;
      const grace = new AbortController();
      const timeout = sleep(EXEC_OUTPUT_GRACE_MS, undefined, { signal: grace.signal }).catch(() => undefined);
      await Promise.race([program.relay.drained, timeout]);
      grace.abort();
      program.relay.stop();
      return { exitCode, oomKilled: false };
    },
  };
}

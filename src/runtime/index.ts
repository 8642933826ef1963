/** The runtime: makes containers and runs programs in them. See ARCHITECTURE.md, "How a container is born". */
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
import { type Birth, type InitProcess, spawnInit } from './supervisor/spawn-init.ts';
import { type StartedProgram, startProgram } from './supervisor/start.ts';
import type { ContainerPlan, FurtherProcess, RunningProcess, Runtime } from './types.ts';

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
  let warmed: InitProcess | undefined;

  return {
    isAlive,
    signal: (identity, signal) => signalProcess(syscalls, identity, signal),
    destroy: (id) => destroyCgroups(syscalls, id),
    oomKilled: wasOomKilled,
    copy: copyCalls(syscalls),
    update: updateCgroups,
    processes: processesOf,
    usage: cgroupUsage,
    isFrozen,
    setFrozen,
    grant: (asked) => grantOf(syscalls, asked),
    capabilities: ownCapabilities,
    warm: () => {
      warmed ??= keepsAlive(spawn(), false);
    },
    run: async (plan, streams, onCreated) => {
      const early = warmed;
      warmed = undefined;
      const shared = plan.settings?.pid === 'host';
      if (early && shared) await abandon(early);
      const init = early && !shared ? keepsAlive(early, true) : spawn({ hostPid: shared });
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
          meanwhile: (pid) => joinFromOutside(plan.id, pid),
          onCreated,
        });
        return containerProcess(syscalls, plan, program);
      } catch (error) {
        init.child.kill('SIGKILL');
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
      await program.relay.drained;
      program.relay.stop();
      const oomKilled = exitCode === SIGKILL_EXIT && wasOomKilled(plan.id);
      await destroyCgroups(syscalls, plan.id);
      return { exitCode, oomKilled };
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

/** Ends an init that was born in the wrong namespace. */
async function abandon(init: InitProcess): Promise<void> {
  init.child.kill('SIGKILL');
  for (const stream of [init.control, init.reports, init.stdin, init.stdout, init.stderr]) stream.destroy();
  await keepsAlive(init, true).ended;
}

/** Whether this process waits for init to end. */
function keepsAlive(init: InitProcess, yes: boolean): InitProcess {
  const handles = [init.child, init.control, init.reports, init.stdin, init.stdout, init.stderr];
  for (const handle of handles) yes ? handle.ref() : handle.unref();
  return init;
}

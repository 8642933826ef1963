import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessIdentity } from '../runtime/types.ts';
import type { ContainerContext } from './context.ts';
import { whileLocked } from './lock.ts';
import { planExec } from './plan.ts';
import { writeState } from './record.ts';
import type { Container, HealthConfig, HealthState } from './schema.ts';

/** docker's (moby, daemon/health.go): how much of a probe's output, and how many probes, are remembered. */
const MAX_OUTPUT = 4096;
const REMEMBERED = 5;
const SIGKILL = 9;

type Probe = HealthState['log'][number];

/** Probes the container as its config says until the returned function is called; the record tells how it is. */
export function watchHealth(
  context: ContainerContext,
  container: Container,
  identity: ProcessIdentity,
): () => void {
  const { health } = container.config;
  const stop = new AbortController();
  if (health) watch(context, container, { health, identity, signal: stop.signal }).catch(() => undefined);
  return () => stop.abort();
}

interface Watch {
  health: HealthConfig;
  identity: ProcessIdentity;
  signal: AbortSignal;
}

async function watch(context: ContainerContext, container: Container, one: Watch): Promise<void> {
  const { health, identity, signal } = one;
  const begin = performance.now();
  let isStarting = true;
  for (;;) {
    const early = isStarting && performance.now() - begin < health.startPeriod;
    await sleep(early ? health.startInterval : health.interval, undefined, { signal });
    const probe = await runProbe(context, container, one);
    if (signal.aborted) return;
    const forgiven = isStarting && performance.now() - begin < health.startPeriod;
    if (probe.exitCode === 0) isStarting = false;
    await whileLocked(context, container.id, async ({ state }) => {
      if (state.identity?.pid !== identity.pid || state.status !== 'running') return;
      const next = nextHealth(state.health, probe, { retries: health.retries, forgiven });
      await writeState(context.root, container.id, { ...state, health: next });
    });
  }
}

/** How the container is after one more probe; failures before it has started do not count. */
export function nextHealth(
  before: HealthState | undefined,
  probe: Probe,
  { retries, forgiven }: { retries: number; forgiven: boolean },
): HealthState {
  const log = [...(before?.log ?? []), probe].slice(-REMEMBERED);
  const status = before?.status ?? 'starting';
  if (probe.exitCode === 0) return { status: 'healthy', failingStreak: 0, log };
  if (forgiven) return { status, failingStreak: before?.failingStreak ?? 0, log };
  const failingStreak = (before?.failingStreak ?? 0) + 1;
  return { status: failingStreak >= retries ? 'unhealthy' : status, failingStreak, log };
}

async function runProbe(
  context: ContainerContext,
  { id, config }: Container,
  { health, identity, signal }: Watch,
): Promise<Probe> {
  const start = context.now().toISOString();
  const output: Buffer[] = [];
  const result = await attempt(async () => {
    const plan = planExec(config, probeCommand(health.test), {});
    const words = collect(output);
    const program = await context.runtime.exec(identity, id, plan, { stdout: words, stderr: words });
    const late = new AbortController();
    const timer = sleep(health.timeout, 'late' as const, { signal: AbortSignal.any([late.signal, signal]) });
    const ended = program.wait();
    const first = await Promise.race([ended, timer.catch(() => 'late' as const)]);
    late.abort();
    if (first !== 'late') return { exitCode: first.exitCode, said: Buffer.concat(output).toString('utf8') };
    program.signal(SIGKILL);
    await ended;
    return { exitCode: -1, said: `Health check exceeded timeout (${health.timeout} ms)` };
  });
  return { start, end: context.now().toISOString(), exitCode: result.exitCode, output: result.said };
}

async function attempt(work: () => Promise<{ exitCode: number; said: string }>) {
  try {
    return await work();
  } catch (error) {
    return { exitCode: -1, said: error instanceof Error ? error.message : String(error) };
  }
}

function probeCommand(test: string[]): string[] {
  return test[0] === 'CMD-SHELL' ? ['/bin/sh', '-c', test[1] ?? ''] : test.slice(1);
}

function collect(output: Buffer[]): Writable {
  let room = MAX_OUTPUT;
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (room > 0) output.push(chunk.subarray(0, room));
      room -= chunk.length;
      done();
    },
  });
}

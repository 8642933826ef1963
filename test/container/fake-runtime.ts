import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import type { Outcome, ProcessIdentity, Runtime, Streams } from '../../src/runtime/types.ts';
import type { FakeContext } from './fake-context.ts';

const INIT = 200;

export function identity(pid: number): ProcessIdentity {
  return { pid, startTime: '1', bootId: '0b00' };
}

export function fakeRuntime(context: FakeContext): Runtime {
  return {
    warm: () => {},
    place: () => {},
    copy: {
      openStopped: async () => openSync(context.image, 'r'),
      close: (fd: number) => closeSync(fd),
    } as unknown as Runtime['copy'],
    update: () => {},
    processes: () => [],
    usage: () => ({ cpu: 0, memory: 0, memoryLimit: 0, blockRead: 0, blockWritten: 0, processes: 0 }),
    isFrozen: () => false,
    setFrozen: async () => {},
    grant: (asked) => ({ ...asked, warnings: [] }),
    capabilities: () => ['CAP_CHOWN', 'CAP_NET_ADMIN'],
    isAlive: ({ pid }) => context.alive.has(pid),
    signal: ({ pid }, signal) => {
      const isAlive = context.alive.has(pid);
      if (isAlive && pid === INIT && signal === constants.signals.SIGKILL)
        context.end({ exitCode: 137, oomKilled: false });
      return isAlive;
    },
    oomKilled: () => context.behaviour.oom ?? false,
    destroy: async (id) => {
      context.destroyed.push(id);
      if (context.plans.at(-1)?.id !== id) return;
      context.alive.delete(INIT);
      context.end({ exitCode: 137, oomKilled: false });
    },
    exec: async () => {
      throw new Error('not in this fake');
    },
    run: async (plan, _streams: Streams, onCreated) => {
      context.plans.push(plan);
      if (context.behaviour.fail) throw context.behaviour.fail;
      const ended = new Promise<Outcome>((resolve) => {
        context.end = resolve;
      });
      context.alive.add(INIT);
      await onCreated(identity(INIT));
      const wait = async () => {
        const outcome = await ended;
        context.alive.delete(INIT);
        return outcome;
      };
      return { identity: identity(INIT), signal: () => true, resize: () => {}, wait };
    },
  };
}

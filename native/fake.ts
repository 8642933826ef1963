/** A Syscalls that does nothing and remembers everything: what unit tests hand to code that needs no root to be checked. */
import type { Syscalls } from './syscalls.ts';

/** One recorded call. */
export interface RecordedCall {
  name: keyof Syscalls;
  args: unknown[];
}

/** What a call answers: a value, or a function of its arguments (which may throw). */
export type Answers = { [Name in keyof Syscalls]?: unknown };

/**
 * Records each call in `calls`. Calls that return an fd hand out 100, 101, ...; others return 0 or nothing. `answers`
 * overrides by name.
 */
export function fakeSyscalls(answers: Answers = {}): { syscalls: Syscalls; calls: RecordedCall[] } {
  const calls: RecordedCall[] = [];
  let nextFd = 100;
  const opening = new Set([
    'openat',
    'openat2',
    'fsopen',
    'fsmount',
    'open_tree',
    'pidfd_open',
    'pidfd_getfd',
    'socket',
    'memfd_create',
  ]);
  const answer = (name: keyof Syscalls, args: unknown[]) => {
    calls.push({ name, args });
    const scripted = answers[name];
    if (typeof scripted === 'function') return scripted(...args);
    if (scripted !== undefined) return scripted;
    return opening.has(name) ? nextFd++ : 0;
  };
  const handler: ProxyHandler<object> = {
    get:
      (_, name) =>
      (...args: unknown[]) =>
        answer(name as keyof Syscalls, args),
  };
  return { syscalls: new Proxy({}, handler) as Syscalls, calls };
}

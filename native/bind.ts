/** Turns the description of a kernel call into a function: checks, errno and the observer are here and nowhere else. */
import koffi from 'koffi';
import { errnoName, SyscallError } from './errors.ts';
import { currentObserver, currentReason } from './observer.ts';
import type { Parameter } from './words.ts';

/** How to reach a call: a libc function by name, or the kernel directly by number (one per architecture). */
export interface CallSpec {
  name: string;
  parameters: Parameter[];
  /** Number of the system call, where libc has no function or one that does more; `[x64, arm64]` where they differ. */
  number?: number | [x64: number, arm64: number];
  /** The libc function when it is not called like the system call. */
  symbol?: string;
  /** Again when a signal interrupts it. */
  restart?: boolean;
}

/** Calls and returns the result; throws SyscallError on -1. */
export type Call = (...values: unknown[]) => number;

const EINTR = 4;
const libc = koffi.load(null);

type LibraryFunction = ReturnType<typeof libc.func>;

const unresolved: (() => void)[] = [];

/** Asks libc for all functions at once: for a process that has to wait anyway, and shall not later. */
export function resolveCalls(): void {
  for (const resolveOne of unresolved.splice(0)) resolveOne();
}

/** The function behind a description; libc is asked for it at the first call, since most commands use few. */
export function bind(spec: CallSpec): Call {
  let invoke: LibraryFunction | undefined;
  unresolved.push(() => {
    invoke ??= resolve(spec);
  });
  const encoders = spec.parameters.map((parameter) => parameter.encode);
  return (...values) => {
    const native = values.map((value, at) => encoders[at]?.(value) ?? value);
    const eye = currentObserver();
    const start = eye ? process.hrtime.bigint() : 0n;
    invoke ??= resolve(spec);
    let [result, errno] = invokeOnce(invoke, native);
    while (result === -1 && errno === EINTR && spec.restart) [result, errno] = invokeOnce(invoke, native);
    if (eye) eye(observation(spec, values, { result, errno, start }));
    if (result === -1) throw new SyscallError(spec.name, errno, subject(spec, values));
    return result;
  };
}

/** errno is the thread's own and the next call of anybody changes it: it is read in the same expression. */
function invokeOnce(invoke: LibraryFunction, native: unknown[]): [number, number] {
  return [Number(invoke(...native)), koffi.errno()];
}

function resolve(spec: CallSpec): LibraryFunction {
  const types = spec.parameters.map((parameter) => parameter.type);
  if (spec.number === undefined) return libc.func(spec.symbol ?? spec.name, 'int', types);
  const number =
    typeof spec.number === 'number' ? spec.number : spec.number[process.arch === 'arm64' ? 1 : 0];
  const raw = libc.func('syscall', 'long', ['long', ...types]);
  return ((...native: unknown[]) => raw(number, ...native)) as LibraryFunction;
}

function subject(spec: CallSpec, values: unknown[]): string | undefined {
  const at = spec.parameters.findIndex(
    (parameter, index) => parameter.subject && values[index] !== null && values[index] !== '',
  );
  return at < 0 ? undefined : String(values[at]);
}

function observation(
  spec: CallSpec,
  values: unknown[],
  outcome: { result: number; errno: number; start: bigint },
) {
  return {
    name: spec.name,
    args: spec.parameters.map((parameter, at) => parameter.show(values[at])),
    result: outcome.result,
    ...(outcome.result === -1 && { errno: errnoName(outcome.errno) }),
    durationNs: Number(process.hrtime.bigint() - outcome.start),
    pid: process.pid,
    reason: currentReason(),
  };
}

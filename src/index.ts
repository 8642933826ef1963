/** `import { createEngine } from 'gocker'`: containers from a program. */
export * from './engine.ts';
export { ConflictError, GockerError, NotFoundError, UsageError } from './errors.ts';
export type { BindMount, FurtherProcess, Limits, Outcome, RunningProcess, Streams } from './runtime/types.ts';

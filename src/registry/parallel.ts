export interface Parallel {
  /** How many at once. */
  limit: number;
  /** Aborted by the first failure, for the others to stop at. */
  stop: AbortController;
}

/** Does the work for each item, some at once, in their order. Rejects with the first failure when all have ended. */
export async function inParallel<T>(
  items: readonly T[],
  { limit, stop }: Parallel,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const failures: unknown[] = [];
  const take = async () => {
    for (const item of queue) {
      if (stop.signal.aborted) return;
      await work(item);
    }
  };
  const fail = (error: unknown) => {
    failures.push(error);
    stop.abort(error);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, () => take().catch(fail)));
  if (failures.length > 0) throw failures[0];
}

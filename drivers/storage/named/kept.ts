import type { Usage } from '../../../src/driver/index.ts';
import { hasCode } from '../../../src/errors.ts';
import { replace } from '../../replace.ts';
import type { Paths } from './paths.ts';
import { parse, readIfThere } from './record.ts';

/** What is committed never changes: its sum is kept. */
export function keptUsage(
  paths: Paths,
  { id, isCommitted }: { id: string; isCommitted: boolean },
  count: () => Usage,
): Usage {
  const known = isCommitted ? readKept(paths, id) : undefined;
  if (known !== undefined) return known;
  const usage = count();
  if (isCommitted) keep(paths.usage(id), usage);
  return usage;
}

/** No lock is held: somebody may be writing the same sum, or taking the snapshot away. */
function keep(path: string, usage: Usage): void {
  try {
    replace(path, JSON.stringify(usage));
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

/** One that cannot be read is counted anew. */
function readKept(paths: Paths, id: string): Usage | undefined {
  const kept = parse(readIfThere(paths.usage(id)) ?? '') as Partial<Usage> | null | undefined;
  const { bytes, inodes } = kept ?? {};
  return Number.isSafeInteger(bytes) && Number.isSafeInteger(inodes) ? (kept as Usage) : undefined;
}

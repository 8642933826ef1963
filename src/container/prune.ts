import { UsageError } from '../errors.ts';
import { quoted } from '../image/printable.ts';
import type { ContainerContext } from './context.ts';
import { deleteContainer } from './delete.ts';
import { hasLabel } from './filter.ts';
import { listContainers } from './list.ts';
import { whileLocked } from './lock.ts';
import type { Container } from './schema.ts';

export interface Pruned {
  /** IDs. */
  deleted: string[];
  /** Bytes. */
  reclaimed: number;
}

type Condition = (container: Container) => boolean;

/** Removes all containers that do not run and fit the filters (`until=`, `label=`, `label!=`). Throws a UsageError. */
export async function pruneContainers(context: ContainerContext, filters: string[]): Promise<Pruned> {
  const conditions = filters.map((filter) => parseCondition(filter, context.now()));
  const { containers } = await listContainers(context);
  const pruned: Pruned = { deleted: [], reclaimed: 0 };
  for (const { id } of containers) {
    await whileLocked(context, id, async (current) => {
      const { state, config } = current;
      if (state.supervisor !== undefined || state.status === 'running') return;
      if (!conditions.every((fits) => fits(current))) return;
      const { bytes } = await (await context.storage(config.storageDriver)).usage(id);
      await deleteContainer(context, current, { volumes: false });
      pruned.deleted.push(id);
      pruned.reclaimed += bytes;
    });
  }
  return pruned;
}

function parseCondition(text: string, now: Date): Condition {
  const [, key = '', not = '', value = ''] = /^(until|label)(!?)=([\s\S]+)$/.exec(text) ?? [];
  if (key === 'label') return ({ config }) => hasLabel(config.labels, value) === (not === '');
  const until = key === 'until' && not === '' ? momentOf(value, now) : Number.NaN;
  if (!Number.isNaN(until)) return ({ config }) => Date.parse(config.created) < until;
  throw new UsageError('INVALID_FILTER', `invalid filter ${quoted(text)}`, {
    hint: 'there are until=24h, until=2026-01-31T12:00:00, label=KEY[=VALUE] and label!=KEY[=VALUE]',
  });
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A Unix time, a date, or how long ago as Go writes durations (`1h30m`); in milliseconds. */
function momentOf(text: string, now: Date): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(\d+(?:\.\d+)?(ms|s|m|h))+$/.test(text)) return Date.parse(text);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  return now.getTime() - parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit!]!, 0);
}

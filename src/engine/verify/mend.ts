import { listContainers } from '../../container/list.ts';
import { ConflictError } from '../../errors.ts';
import type { ChainID } from '../../image/types.ts';
import type { LayerPull } from '../../registry/pull/types.ts';
import { lockUse } from '../../store/use.ts';
import type { Session } from './types.ts';
import type { Outcome } from './unpacked.ts';

export interface Mending {
  at: number;
  /** What was unpacked just now. */
  key: string;
  damage: string;
}

/** Puts what was unpacked anew in the place of the damaged layer, unless a container runs on that. */
export async function mendLayer(
  session: Session,
  { chainIDs }: LayerPull,
  { at, key, damage }: Mending,
): Promise<Outcome> {
  const name = chainIDs[at]!;
  const parent = chainIDs[at - 1];
  const lock = await lockUse(session.store);
  try {
    const user = await runningOn(session, name);
    if (user !== undefined)
      return { status: 'damaged', detail: `${damage}; container ${user} runs on it: stop that first` };
    await replace(session, { key, name, parent });
    return { status: 'repaired', detail: damage };
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return {
      status: 'damaged',
      detail: `${damage}; the storage driver mends it only when ${error.message} no more`,
    };
  } finally {
    lock.release();
  }
}

interface Replacement {
  key: string;
  name: ChainID;
  parent: ChainID | undefined;
}

async function replace({ driver }: Session, { key, name, parent }: Replacement): Promise<void> {
  if (driver.replace !== undefined) return await driver.replace(key, name, parent);
  await driver.remove(name);
  await driver.commit(key, name, driver.rebase ? parent : undefined);
}

/** The name of a container whose program runs with the layer below it. */
async function runningOn({ parts, driver }: Session, name: ChainID): Promise<string | undefined> {
  const { containers } = await listContainers(parts.containers);
  for (const { config, state } of containers) {
    if (state.status !== 'running') continue;
    for (
      let at: string | undefined = config.image.chainID;
      at !== undefined;
      at = (await driver.stat(at))?.parent
    )
      if (at === name) return config.name;
  }
  return undefined;
}

import { UsageError } from '../errors.ts';
import type { ContainerContext } from './context.ts';
import { findContainer } from './find.ts';
import { whileLocked } from './lock.ts';
import { checkName, releaseName, reserveName } from './names.ts';
import { publishAllNames } from './network/names.ts';
import { writeConfig } from './record.ts';

/** Gives a container another name. Throws a UsageError for a name that cannot be, a ConflictError for a taken one. */
export async function renameContainer(
  context: ContainerContext,
  text: string,
  wanted: string,
): Promise<void> {
  const name = wanted.replace(/^\//, '');
  checkName(name);
  const { id } = await findContainer(context, text);
  await whileLocked(context, id, async ({ config, state }) => {
    if (config.name === name) {
      throw new UsageError('SAME_NAME', `the container is called ${JSON.stringify(name)} already`);
    }
    await reserveName(context, id, name);
    const renamed = { ...config, name };
    await writeConfig(context.root, renamed);
    await releaseName(context, config.name, id);
    await publishAllNames(context, renamed, state);
  });
}

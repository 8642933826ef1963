import type { LayerPull } from './types.ts';

/**
 * Removes a snapshot that nobody will commit. Where that fails it is left to the next command, and false is returned: what
 * went wrong before is what a person has to know.
 */
export async function dropSnapshot(
  { driver, leave }: Pick<LayerPull, 'driver' | 'leave'>,
  key: string,
): Promise<boolean> {
  try {
    await driver.remove(key);
    return true;
  } catch {
    leave();
    return false;
  }
}

import type { DriverHost } from '../../src/driver/index.ts';

/** Undoes what was begun before something else failed. Where that fails too it is told, and the first failure stays the one thrown. */
export async function takeBack(host: Pick<DriverHost, 'log'>, undo: () => unknown): Promise<void> {
  try {
    await undo();
  } catch (error) {
    host.log(`not all was taken back: ${error instanceof Error ? error.message : error}`);
  }
}

import type { Change, StorageDriver } from '../../driver/index.ts';
import type { Container } from '../schema.ts';

/** The snapshots of a container's own files, lowest first: what was taken out of it as layers counts, as if it had not been. */
export function ownSnapshots({ id, config }: Container): string[] {
  return [...(config.frozen ?? []).map(({ name }) => name), id];
}

/** What the files of a container differ in from its image's. */
export async function ownChanges(
  driver: Required<Pick<StorageDriver, 'changes'>>,
  container: Container,
): Promise<Change[]> {
  let changes: Change[] = [];
  for (const name of ownSnapshots(container)) changes = onTop(changes, await driver.changes(name));
  return changes;
}

/** Two layers' changes as those of one. */
export function onTop(below: readonly Change[], above: readonly Change[]): Change[] {
  const all = new Map(below.map((change) => [change.path, change]));
  for (const { kind, path } of above) {
    const before = all.get(path)?.kind;
    if (kind === 'deleted') dropBelow(all, path);
    if (before === 'added' && kind === 'deleted') all.delete(path);
    else if (before === 'added') all.set(path, { kind: 'added', path });
    else all.set(path, { kind: before === 'deleted' ? 'changed' : kind, path });
  }
  return [...all.values()];
}

function dropBelow(all: Map<string, Change>, path: string): void {
  for (const known of all.keys()) if (known.startsWith(`${path}/`)) all.delete(known);
}

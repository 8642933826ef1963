/** Snapshots as plain copies: for file systems on which overlayfs cannot keep its upper layer. Reflinks where there are such. */
import type { CreateDriver, DriverHost, Mount, StorageDriver } from '../../src/driver/index.ts';
import { commitSnapshot } from './named/commit.ts';
import { keptUsage } from './named/kept.ts';
import { diskOf, listAll, statOf } from './named/list.ts';
import { makeSnapshot, type NewSnapshot } from './named/make.ts';
import { isChainID, type Paths, pathsOf } from './named/paths.ts';
import { readRecord, requireID, requireRecord, type SnapshotRecord } from './named/record.ts';
import { removeSnapshot } from './named/remove.ts';
import { replaceSnapshot } from './named/replace.ts';
import { changesOf } from './vfs/changes.ts';
import { copyBelow } from './vfs/copy.ts';
import { probeCopies } from './vfs/probe.ts';
import { countOwn } from './vfs/usage.ts';

const createVfs: CreateDriver<StorageDriver> = (host: DriverHost) => {
  const paths = pathsOf(host);
  const make = async (snapshot: Omit<NewSnapshot, 'fill'>) => {
    const fill = (id: string, lowers: string[]) =>
      snapshot.kind === 'view' ? undefined : copyBelow(host, paths, { id, below: lowers[0] });
    return mountsOf(paths, await makeSnapshot(host, paths, { ...snapshot, fill }));
  };
  const belowOf = (id: string) => readRecord(paths, id)?.lowers[0];
  return {
    rebase: false,
    probe: () => probeCopies(host),
    prepare: (key, parent) => make({ key, parent, kind: 'writable' }),
    view: (key, parent) => make({ key, parent, kind: 'view' }),
    mounts: async (key) => mountsOf(paths, requireRecord(paths, key)),
    commit: (key, name) => commitSnapshot(host, paths, { key, name, parent: undefined }),
    replace: (key, name, parent) => replaceSnapshot(host, paths, { key, name, parent }),
    stat: async (name) => statOf(paths, name),
    usage: async (name) => {
      const id = requireID(paths, name);
      const count = () => countOwn(host, paths, { id, below: belowOf(id) });
      return keptUsage(paths, { id, isCommitted: isChainID(name) }, count);
    },
    disk: async (name) => diskOf(host, paths, name),
    changes: async (key) => {
      const id = requireID(paths, key);
      return changesOf(host, paths, { id, below: belowOf(id) });
    },
    remove: (name) => removeSnapshot(host, paths, name),
    list: () => listAll(paths),
  };
};

export default createVfs;

/** A view is the one below itself, read-only. */
function mountsOf(paths: Paths, { kind, lowers, id }: SnapshotRecord & { id: string }): Mount[] {
  const isView = kind === 'view';
  const source = paths.files(isView ? lowers[0]! : id);
  return [{ type: 'bind', source, options: isView ? ['ro'] : [] }];
}

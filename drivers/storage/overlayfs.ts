/** Snapshots as overlayfs layers (kernel doc filesystems/overlayfs.rst): nothing is copied, whatever stands on what. */
import type { CreateDriver, DriverHost, Mount, StorageDriver } from '../../src/driver/index.ts';
import { commitSnapshot } from './named/commit.ts';
import { countFiles } from './named/count.ts';
import { keptUsage } from './named/kept.ts';
import { diskOf, listAll, statOf } from './named/list.ts';
import { makeSnapshot, type NewSnapshot } from './named/make.ts';
import { isChainID, type Paths, pathsOf } from './named/paths.ts';
import { requireID, requireRecord, type SnapshotRecord } from './named/record.ts';
import { removeSnapshot } from './named/remove.ts';
import { replaceSnapshot } from './named/replace.ts';
import { changesOf } from './overlayfs/changes.ts';
import { fillOverlay } from './overlayfs/fill.ts';
import { probeOverlay } from './overlayfs/probe.ts';

const createOverlayfs: CreateDriver<StorageDriver> = (host: DriverHost) => {
  const paths = pathsOf(host);
  const make = async (snapshot: Omit<NewSnapshot, 'fill'>) => {
    const fill = (id: string, lowers: string[]) =>
      fillOverlay(host, paths, { id, lowers, kind: snapshot.kind });
    return mountsOf(paths, await makeSnapshot(host, paths, { ...snapshot, fill }));
  };
  return {
    rebase: true,
    probe: () => probeOverlay(host),
    prepare: (key, parent) => make({ key, parent, kind: 'writable' }),
    view: (key, parent) => make({ key, parent, kind: 'view' }),
    mounts: async (key) => mountsOf(paths, requireRecord(paths, key)),
    commit: (key, name, parent) => commitSnapshot(host, paths, { key, name, parent }),
    replace: (key, name, parent) => replaceSnapshot(host, paths, { key, name, parent }),
    stat: async (name) => statOf(paths, name),
    usage: async (name) => {
      const id = requireID(paths, name);
      return keptUsage(paths, { id, isCommitted: isChainID(name) }, () => countFiles(host, paths.files(id)));
    },
    disk: async (name) => diskOf(host, paths, name),
    changes: async (key) => changesOf(host, paths, requireID(paths, key)),
    remove: (name) => removeSnapshot(host, paths, name),
    list: () => listAll(paths),
  };
};

export default createOverlayfs;

/** One overlay; a layer that stands on nothing gets the empty directory below, so that all snapshots mount alike. */
function mountsOf(paths: Paths, { kind, lowers, id }: SnapshotRecord & { id: string }): Mount[] {
  const below = lowers.map(paths.files);
  const isShort = kind === 'view' ? below.length < 2 : below.length === 0;
  const lowerdir = `lowerdir=${[...below, ...(isShort ? [paths.empty] : [])].join(':')}`;
  const writable = [`upperdir=${paths.files(id)}`, `workdir=${paths.work(id)}`];
  return [
    { type: 'overlay', source: 'overlay', options: kind === 'view' ? [lowerdir] : [lowerdir, ...writable] },
  ];
}

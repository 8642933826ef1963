/** Snapshots as overlayfs layers (kernel doc filesystems/overlayfs.rst): nothing is copied, whatever stands on what. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ChainID,
  CreateDriver,
  DriverHost,
  Mount,
  Snapshot,
  StorageDriver,
} from '../../src/driver/index.ts';
import { createDiskMeter } from '../../src/driver/tree.ts';
import { ConflictError, hasCode, NotFoundError } from '../../src/errors.ts';
import { changesOf } from './overlayfs/changes.ts';
import { commitSnapshot } from './overlayfs/commit.ts';
import { isChainID, type Paths, pathsOf } from './overlayfs/paths.ts';
import { makeSnapshot } from './overlayfs/prepare.ts';
import { probeOverlay } from './overlayfs/probe.ts';
import { findID, readRecord, requireID, type SnapshotRecord } from './overlayfs/record.ts';
import { removeSnapshot } from './overlayfs/remove.ts';
import { usageOf } from './overlayfs/usage.ts';

const createOverlayfs: CreateDriver<StorageDriver> = (host: DriverHost) => {
  const paths = pathsOf(host);
  return {
    rebase: true,
    probe: () => probeOverlay(host),
    async prepare(key, parent) {
      refuseChainID(key);
      return mountsOf(paths, await makeSnapshot(host, paths, { key, parent, kind: 'writable' }));
    },
    async view(key, parent) {
      refuseChainID(key);
      return mountsOf(paths, await makeSnapshot(host, paths, { key, parent, kind: 'view' }));
    },
    async mounts(key) {
      const id = requireID(paths, key);
      const record = readRecord(paths, id);
      if (record === undefined)
        throw new NotFoundError('SNAPSHOT_NOT_FOUND', `snapshot ${key} was never finished`);
      return mountsOf(paths, { ...record, id });
    },
    commit: (key, name, parent) => commitSnapshot(host, paths, { key, name, parent }),
    stat: async (name) => statOf(paths, name),
    usage: async (name) => usageOf(host, paths, requireID(paths, name), isChainID(name)),
    disk: async (name) => diskOf(host, paths, name),
    changes: async (key) => changesOf(host, paths, requireID(paths, key)),
    remove: (name) => removeSnapshot(host, paths, name),
    list: () => listAll(paths),
  };
};

export default createOverlayfs;

/** Names of committed snapshots are not for active ones. */
function refuseChainID(key: string): void {
  if (isChainID(key)) throw new ConflictError('INVALID_SNAPSHOT_NAME', `a key cannot be a chainID: ${key}`);
}

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

function diskOf({ syscalls }: DriverHost, paths: Paths, name: string): number {
  const id = findID(paths, name);
  return id === undefined ? 0 : createDiskMeter(syscalls).measure(join(paths.root, id));
}

function statOf(paths: Paths, name: string): Snapshot | undefined {
  const id = findID(paths, name);
  if (id === undefined) return undefined;
  const record = readRecord(paths, id);
  const parent = record?.parent;
  return { name, kind: kindOf(name, record), ...(parent !== undefined && { parent: parent as ChainID }) };
}

function kindOf(name: string, record: SnapshotRecord | undefined): Snapshot['kind'] {
  if (isChainID(name)) return 'committed';
  return record?.kind === 'view' ? 'view' : 'active';
}

async function* listAll(paths: Paths): AsyncGenerator<Snapshot> {
  for (const name of namesIn(paths)) {
    const snapshot = statOf(paths, name);
    if (snapshot !== undefined) yield snapshot;
  }
}

function namesIn(paths: Paths): string[] {
  try {
    return readdirSync(paths.names);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

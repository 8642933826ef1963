import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DriverHost } from '../../../src/driver/index.ts';
import { GockerError } from '../../../src/errors.ts';

/**
 * Named snapshots, as gocker's own storage drivers keep them. What is below the driver's root:
 *
 *     names/NAME    a symlink to ID: what exists. NAME is a key or a chainID
 *     ID/fs         its files. IDs are short: 127 of them must fit into the options of one mount(2)
 *     ID/work       overlayfs alone: the work directory
 *     ID/snapshot.json ID/usage.json
 *     removing/ID   its name is gone, its files are going
 *     empty/        overlayfs alone: below snapshots without a parent
 *     lock          shared: making a child; exclusive: removing a name
 *     removal.lock  deleting files
 */
export interface Paths {
  root: string;
  names: string;
  removing: string;
  empty: string;
  lock: string;
  removalLock: string;
  name(name: string): string;
  files(id: string): string;
  work(id: string): string;
  record(id: string): string;
  usage(id: string): string;
}

export function pathsOf({ root }: DriverHost): Paths {
  return {
    root,
    names: join(root, 'names'),
    removing: join(root, 'removing'),
    empty: join(root, 'empty'),
    lock: join(root, 'lock'),
    removalLock: join(root, 'removal.lock'),
    name: (name) => join(root, 'names', checkName(name)),
    files: (id) => join(root, id, 'fs'),
    work: (id) => join(root, id, 'work'),
    record: (id) => join(root, id, 'snapshot.json'),
    usage: (id) => join(root, id, 'usage.json'),
  };
}

/** Makes the folders that do not depend on any snapshot. */
export function makeFolders(paths: Paths): void {
  for (const path of [paths.root, paths.names, paths.removing])
    mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Six base-36 digits: two thousand million IDs, so that one in use is next to never drawn. */
export function randomID(): string {
  return Math.floor(Math.random() * 36 ** 6)
    .toString(36)
    .padStart(6, '0');
}

const CHAIN_ID = /^sha256:[0-9a-f]{64}$/;

export function isChainID(name: string): boolean {
  return CHAIN_ID.test(name);
}

function checkName(name: string): string {
  if (isChainID(name) || /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(name)) return name;
  throw new GockerError(
    'INVALID_SNAPSHOT_NAME',
    `invalid snapshot name ${JSON.stringify(name.slice(0, 200))}`,
    {
      hint: 'a key has up to 128 letters, digits, and _ . - after a letter or digit',
    },
  );
}

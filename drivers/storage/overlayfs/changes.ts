import { closeSync, constants, lstatSync, openSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Change, DriverHost } from '../../../src/driver/index.ts';
import { walkTree } from '../../../src/driver/tree.ts';
import { hasCode } from '../../../src/errors.ts';
import type { Paths } from '../named/paths.ts';
import { readRecord } from '../named/record.ts';

const OPAQUE = 'trusted.overlay.opaque';

/**
 * What the upper directory says (filesystems/overlayfs.rst, "whiteouts and opaque directories"): a device 0:0 takes a name
 * away, an opaque directory all that is below in lower ones; anything else is new, or changed where a lower one has it.
 */
export function changesOf(host: DriverHost, paths: Paths, id: string): Change[] {
  const lowers = (readRecord(paths, id)?.lowers ?? []).map(paths.files);
  const upper = paths.files(id);
  const changes: Change[] = [];
  const places: string[] = [];
  const fd = openSync(upper, constants.O_RDONLY | constants.O_DIRECTORY);
  const inLower = (path: string) => findBelow(host, lowers, path);
  try {
    walkTree(host.syscalls, fd, {
      enter(_parent, name) {
        const path = `${places.join('')}/${name}`;
        const stat = lstatSync(join(upper, path));
        if (isWhiteout(stat)) changes.push({ kind: 'deleted', path });
        else changes.push({ kind: inLower(path) ? 'changed' : 'added', path });
        if (!stat.isDirectory()) return false;
        if (isOpaque(host, join(upper, path))) changes.push(...hiddenBelow(host, { lowers, upper, path }));
        places.push(`/${name}`);
        return true;
      },
      leave: () => void places.pop(),
    });
  } finally {
    closeSync(fd);
  }
  return changes;
}

function isWhiteout(stat: Stats): boolean {
  return stat.isCharacterDevice() && stat.rdev === 0;
}

function isOpaque({ syscalls }: DriverHost, path: string): boolean {
  return syscalls.lgetxattr(path, OPAQUE)?.toString() === 'y';
}

/** What the lower ones together have at the path, unless one of them takes it away. */
function findBelow(host: DriverHost, lowers: string[], path: string): Stats | undefined {
  for (const lower of lowers) {
    const stat = lookUp(host, lower, path);
    if (stat === 'hidden') return undefined;
    if (stat) return stat;
  }
  return undefined;
}

/** Part by part, without following links; `hidden` when this layer ends the search. */
function lookUp(host: DriverHost, lower: string, path: string): Stats | 'hidden' | undefined {
  const parts = path.split('/').filter(Boolean);
  let hidden = false;
  for (let depth = 1; depth <= parts.length; depth++) {
    const place = join(lower, ...parts.slice(0, depth));
    const stat = statOf(place);
    if (!stat) return hidden ? 'hidden' : undefined;
    if (isWhiteout(stat)) return 'hidden';
    if (depth === parts.length) return stat;
    if (!stat.isDirectory()) return 'hidden';
    hidden ||= isOpaque(host, place);
  }
  return undefined;
}

function hiddenBelow(
  host: DriverHost,
  { lowers, upper, path }: { lowers: string[]; upper: string; path: string },
): Change[] {
  const names = new Set(lowers.flatMap((lower) => namesIn(join(lower, path))));
  return [...names]
    .map((name) => `${path}/${name}`)
    .filter((inner) => !statOf(join(upper, inner)) && findBelow(host, lowers, inner))
    .map((inner) => ({ kind: 'deleted' as const, path: inner }));
}

function namesIn(directory: string): string[] {
  return statOf(directory)?.isDirectory() ? readdirSync(directory) : [];
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

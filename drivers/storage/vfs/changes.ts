import type { Change, DriverHost } from '../../../src/driver/index.ts';
import { compareTrees, type Difference } from '../../../src/driver/tree.ts';
import type { Paths } from '../named/paths.ts';
import type { Stacked } from './copy.ts';

/** What a snapshot differs in from the one below; size and time stand for the content of files. */
export function differences(host: DriverHost, paths: Paths, { id, below }: Stacked): Difference[] {
  const found: Difference[] = [];
  const expected = below === undefined ? paths.empty : paths.files(below);
  compareTrees({ syscalls: host.syscalls, expected, found: paths.files(id), content: false }, (one) =>
    found.push(one),
  );
  return found.filter(({ path }) => path !== '');
}

/** As overlayfs would tell it: a directory with something changed in it has changed too. */
export function changesOf(host: DriverHost, paths: Paths, stacked: Stacked): Change[] {
  const changes = new Map<string, Change['kind']>();
  for (const { path, kind } of differences(host, paths, stacked)) {
    const parts = textOf(path).split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const above = `/${parts.slice(0, depth).join('/')}`;
      if (!changes.has(above)) changes.set(above, 'changed');
    }
    changes.set(`/${parts.join('/')}`, kind);
  }
  return [...changes].map(([path, kind]) => ({ kind, path }));
}

/** Names of files are bytes; a person reads them as UTF-8. */
function textOf(path: string): string {
  return Buffer.from(path, 'latin1').toString();
}

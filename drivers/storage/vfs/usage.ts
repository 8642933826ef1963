import type { DriverHost, Usage } from '../../../src/driver/index.ts';
import { countFiles } from '../named/count.ts';
import type { Paths } from '../named/paths.ts';
import { differences } from './changes.ts';
import type { Stacked } from './copy.ts';

const [S_IFMT, S_IFDIR, S_IFREG] = [0o170000, 0o040000, 0o100000];

/** Counts what is not as in the snapshot below, hardlinked files once: as much as other drivers keep of a layer. */
export function countOwn(host: DriverHost, paths: Paths, stacked: Stacked): Usage {
  if (stacked.below === undefined) return countFiles(host, paths.files(stacked.id));
  const usage: Usage = { bytes: 0, inodes: 1 };
  const linked = new Set<bigint>();
  for (const { stat } of differences(host, paths, stacked)) {
    if (stat === undefined || linked.has(stat.ino)) continue;
    const type = stat.mode & S_IFMT;
    if (stat.nlink > 1 && type !== S_IFDIR) linked.add(stat.ino);
    usage.inodes++;
    usage.bytes += type === S_IFREG ? stat.size : 0;
  }
  return usage;
}

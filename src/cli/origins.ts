/** Where the bytes of a pulled image came from, for whoever wants to know which mirrors are of use. */
import type { Origins, PullObserver, Share } from '../engine.ts';
import { formatSize } from './format.ts';
import { pullProgress } from './progress.ts';

/** An observer for one pull that prints `originLines` at the end too; a silent one when asked. */
export function pullObserver({ quiet }: { quiet: boolean }): PullObserver {
  const progress = pullProgress({ quiet });
  if (quiet) return progress;
  const tell = (lines: string[]) => lines.map((line) => process.stderr.write(`${line}\n`));
  return { ...progress, pulled: ({ origins }) => void tell(originLines(origins)) };
}

/** Who served what, where that is not plain: mirrors could have, or an earlier pull had left something. */
export function originLines({ shares, mirrored, resumed }: Origins): string[] {
  const served = mirrored ? shares.map(shareLine) : [];
  const kept = `${formatSize(resumed)} were here from a pull that did not finish`;
  return resumed > 0 ? [...served, kept] : served;
}

function shareLine({ source, bytes, blobs, parts }: Share): string {
  const inPart = parts > 0 ? ` (${parts} in part)` : '';
  return `${source} served ${blobs} ${blobs === 1 ? 'blob' : 'blobs'}${inPart}, ${formatSize(bytes)}`;
}

/** What the prune commands ask and tell, in docker's words. */
import { boolean } from '@oclif/core/flags';
import type { PrunedImages } from '../engine.ts';
import { texts } from './flags.ts';
import { formatSize } from './format.ts';

// -f is --force here, as docker has it.
export const pruneFlags = {
  filter: texts({ description: 'only those that fit: until, label', helpValue: 'KEY=VALUE' }),
  force: boolean({ char: 'f', description: 'do not ask' }),
  'dry-run': boolean({ description: 'tell what would go, and take nothing away' }),
};

export const POSTPONED =
  'what no name leads to any more goes later: a pull is running, or an image is damaged (gocker image verify)';

/** A heading and the lines below it; nothing without lines. */
export function section(title: string, lines: readonly string[], dryRun = false): string {
  if (lines.length === 0) return '';
  return `${dryRun ? title.replace('Deleted', 'Would delete') : title}:\n${lines.join('\n')}\n\n`;
}

export function imageLines({ untagged, deleted }: PrunedImages): string[] {
  return [...untagged.map((name) => `untagged: ${name}`), ...deleted.map((id) => `deleted: ${id}`)];
}

export function totalLine(bytes: number, dryRun = false): string {
  return `Total ${dryRun ? 'reclaimable' : 'reclaimed'} space: ${formatSize(bytes)}\n`;
}

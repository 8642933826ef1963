import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { confirm } from '../../cli/confirm.ts';
import { jsonFlag } from '../../cli/flags.ts';
import { jsonText } from '../../cli/inspect.ts';
import { imageLines, POSTPONED, pruneFlags, section, totalLine } from '../../cli/prune.ts';
import type { PrunedSystem } from '../../engine.ts';

export default class SystemPrune extends GockerCommand {
  static override summary = 'Remove all that is not used';
  static override description =
    'Containers that do not run, networks that no other container is to be on, with --volumes anonymous volumes that no container has, images without a name (with --all every image that no container uses then), and what pulls that did not finish have left. With --dry-run nothing goes: it says what would, and exactly how much that is.';
  static override examples = [
    '<%= config.bin %> system prune --dry-run',
    '<%= config.bin %> system prune --all --force',
  ];
  static override flags = {
    ...pruneFlags,
    ...jsonFlag,
    all: boolean({ char: 'a', description: 'images with a name too' }),
    volumes: boolean({ description: 'anonymous volumes too that no container has' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(SystemPrune);
    const { all, volumes, filter: filters = [], 'dry-run': dryRun } = flags;
    const ask = !flags.force && !dryRun;
    if (ask && !(await confirm(warning({ all, volumes, filters })))) return;
    const pruned = await this.engine(flags).pruneSystem({ all, volumes, filters, dryRun });
    this.print(flags.json ? jsonText([pruned]) : textOf(pruned, dryRun));
    if (pruned.images.postponed || pruned.downloads.postponed) this.note(POSTPONED);
  }
}

interface Asked {
  all: boolean;
  volumes: boolean;
  filters: readonly string[];
}

function warning({ all, volumes, filters }: Asked): string {
  const kinds = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(volumes ? ['all anonymous volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated to them' : 'all dangling images',
    ...(filters.length === 0 ? ['all that unfinished pulls have left'] : []),
  ];
  const filtered = filters.map((filter) => `    - ${filter}`);
  return [
    'This will remove:',
    ...kinds.map((kind) => `  - ${kind}`),
    ...(filtered.length === 0 ? [] : ['', '  Items to be pruned will be filtered with:', ...filtered]),
    '',
  ].join('\n');
}

function textOf(
  { containers, networks, volumes, images, downloads, reclaimed }: PrunedSystem,
  dryRun: boolean,
): string {
  return [
    section('Deleted Containers', containers, dryRun),
    section('Deleted Networks', networks, dryRun),
    section('Deleted Volumes', volumes, dryRun),
    section('Deleted Images', imageLines(images), dryRun),
    section('Deleted Partial Downloads', downloads.deleted, dryRun),
    totalLine(reclaimed, dryRun),
  ].join('');
}

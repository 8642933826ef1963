import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { confirm } from '../../cli/confirm.ts';
import { imageLines, POSTPONED, pruneFlags, section, totalLine } from '../../cli/prune.ts';

const DANGLING = 'This will remove all dangling images.';
const UNUSED = 'This will remove all images without at least one container associated to them.';

export default class ImagePrune extends GockerCommand {
  static override summary = 'Remove images that nothing needs';
  static override description =
    'Images without a name go, with --all every image that no container uses. Layers go with the last image that has them.';
  static override examples = [
    '<%= config.bin %> image prune',
    '<%= config.bin %> image prune --all --force --filter until=24h',
  ];
  static override flags = {
    ...pruneFlags,
    all: boolean({ char: 'a', description: 'images with a name too' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(ImagePrune);
    const { all, filter: filters, 'dry-run': dryRun } = flags;
    const ask = !flags.force && !dryRun;
    if (ask && !(await confirm(all ? UNUSED : DANGLING))) return;
    const pruned = await this.engine(flags).pruneImages({ all, filters, dryRun });
    this.print(section('Deleted Images', imageLines(pruned), dryRun) + totalLine(pruned.reclaimed, dryRun));
    if (pruned.postponed) this.note(POSTPONED);
  }
}

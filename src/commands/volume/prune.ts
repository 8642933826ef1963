import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { confirm } from '../../cli/confirm.ts';
import { texts } from '../../cli/flags.ts';
import { formatSize } from '../../cli/format.ts';

export default class VolumePrune extends GockerCommand {
  static override summary = 'Remove the anonymous volumes that no container has';
  static override examples = ['<%= config.bin %> volume prune --force --all --filter label=scratch'];
  static override flags = {
    all: boolean({ char: 'a', description: 'named ones too' }),
    // -f is --force here, as docker has it.
    filter: texts({ description: 'only those that fit: label, label!', helpValue: 'KEY=VALUE' }),
    force: boolean({ char: 'f', description: 'do not ask' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(VolumePrune);
    const which = flags.all ? 'all' : 'anonymous';
    const warning = `This will remove ${which} local volumes not used by at least one container.`;
    if (!flags.force && !(await confirm(warning))) return;
    const asked = { all: flags.all, filters: flags.filter ?? [] };
    const { deleted, reclaimed } = await this.engine(flags).pruneVolumes(asked);
    if (deleted.length > 0) this.print(`Deleted Volumes:\n${deleted.join('\n')}\n\n`);
    this.print(`Total reclaimed space: ${formatSize(reclaimed)}\n`);
  }
}

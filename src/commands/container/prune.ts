import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { confirm } from '../../cli/confirm.ts';
import { texts } from '../../cli/flags.ts';
import { formatSize } from '../../cli/format.ts';

export default class ContainerPrune extends GockerCommand {
  static override summary = 'Remove all containers that do not run';
  static override examples = ['<%= config.bin %> container prune --force --filter until=24h'];
  static override flags = {
    // -f is --force here, as docker has it.
    filter: texts({ description: 'only those that fit: until, label', helpValue: 'KEY=VALUE' }),
    force: boolean({ char: 'f', description: 'do not ask' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(ContainerPrune);
    if (!flags.force && !(await confirm('This will remove all stopped containers.'))) return;
    const { deleted, reclaimed } = await this.engine(flags).pruneContainers(flags.filter ?? []);
    if (deleted.length > 0) this.print(`Deleted Containers:\n${deleted.join('\n')}\n\n`);
    this.print(`Total reclaimed space: ${formatSize(reclaimed)}\n`);
  }
}

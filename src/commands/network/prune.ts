import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { confirm } from '../../cli/confirm.ts';
import { texts } from '../../cli/flags.ts';

export default class NetworkPrune extends GockerCommand {
  static override summary = 'Remove all networks that no container is to be on';
  static override description =
    'What gocker has made on the host for the default network goes too, until the next container needs it.';
  static override examples = ['<%= config.bin %> network prune --force --filter until=24h'];
  static override flags = {
    // -f is --force here, as docker has it.
    filter: texts({ description: 'only those that fit: until, label', helpValue: 'KEY=VALUE' }),
    force: boolean({ char: 'f', description: 'do not ask' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(NetworkPrune);
    const warning = 'This will remove all custom networks not used by at least one container.';
    if (!flags.force && !(await confirm(warning))) return;
    const removed = await this.engine(flags).pruneNetworks(flags.filter ?? []);
    if (removed.length > 0) this.print(`Deleted Networks:\n${removed.join('\n')}\n\n`);
  }
}

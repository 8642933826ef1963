import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { forEach } from '../../cli/each.ts';
import { networksArg } from '../../cli/network-args.ts';
import { hasCode } from '../../errors.ts';

export default class NetworkRm extends GockerCommand {
  static override summary = 'Remove networks';
  static override description = 'One that a running container is on stays.';
  static override examples = ['<%= config.bin %> network rm backend'];
  static override args = { network: networksArg };
  static override flags = {
    force: boolean({ char: 'f', description: 'no error for one that does not exist' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(NetworkRm);
    const engine = this.engine(flags);
    await forEach(args.network, async (name) => {
      try {
        await engine.removeNetwork(name);
        this.print(`${name}\n`);
      } catch (error) {
        if (!flags.force || !hasCode(error, 'NETWORK_NOT_FOUND')) throw error;
      }
    });
  }
}

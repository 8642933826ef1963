import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { containerArg } from '../../cli/container-args.ts';
import { networkArg } from '../../cli/network-args.ts';

export default class NetworkDisconnect extends GockerCommand {
  static override summary = 'Take a container off a network';
  static override description = 'At once when it runs, and at each of its starts from then on.';
  static override examples = ['<%= config.bin %> network disconnect backend postgres'];
  static override usage = 'network disconnect [OPTIONS] NETWORK CONTAINER';
  static override args = { network: networkArg, container: containerArg };
  static override flags = {
    force: boolean({
      char: 'f',
      description: 'also what is left of a container that is gone, by its full ID',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(NetworkDisconnect);
    const { network, container } = args;
    await this.engine(flags).disconnectNetwork({ network, container, force: flags.force });
  }
}

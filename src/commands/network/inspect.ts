import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { jsonFlag, text } from '../../cli/flags.ts';
import { printInspection } from '../../cli/inspect.ts';
import { networksArg } from '../../cli/network-args.ts';

export default class NetworkInspect extends GockerCommand {
  static override summary = 'Show all that is known of networks, as JSON';
  static override examples = ['<%= config.bin %> network inspect --format "{{json .IPAM.Config}}" bridge'];
  static override args = { network: networksArg };
  static override flags = {
    ...jsonFlag,
    format: text({ char: 'f', description: 'a template such as "{{.Driver}}"', helpValue: 'FORMAT' }),
    verbose: boolean({ char: 'v', description: 'understood; there is nothing more to tell' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(NetworkInspect);
    const engine = this.engine(flags);
    const format = flags.json ? undefined : flags.format;
    this.print(await printInspection(args.network, format, (name) => engine.inspectNetwork(name)));
  }
}

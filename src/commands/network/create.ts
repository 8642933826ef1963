import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { parseLabels } from '../../cli/flags/labels.ts';
import { parseDriverOptions } from '../../cli/flags/networks.ts';
import { text, texts } from '../../cli/flags.ts';

export default class NetworkCreate extends GockerCommand {
  static override summary = 'Make a network';
  static override description =
    'Containers on it reach each other by address and, unlike those on the default bridge, by name. Prints the ID.';
  static override examples = [
    '<%= config.bin %> network create backend',
    '<%= config.bin %> network create --subnet 10.1.0.0/24 --gateway 10.1.0.254 --internal backend',
  ];
  static override args = {
    name: string({ required: true, ignoreStdin: true, description: 'name of the network' }),
  };
  static override flags = {
    driver: text({ char: 'd', description: 'what makes it: bridge, macvlan, ipvlan', default: 'bridge' }),
    subnet: texts({ description: 'its addresses, at most one range of each family', helpValue: 'RANGE' }),
    gateway: texts({ description: "the host's address in it", helpValue: 'ADDRESS' }),
    'ip-range': texts({ description: 'containers get addresses of this part alone', helpValue: 'RANGE' }),
    internal: boolean({ description: 'no way out of it, and none in' }),
    ipv6: boolean({ description: 'with IPv6 addresses' }),
    label: texts({ description: 'a label of the network', helpValue: 'KEY[=VALUE]' }),
    opt: texts({ char: 'o', description: 'an option of the driver', helpValue: 'KEY=VALUE' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(NetworkCreate);
    const id = await this.engine(flags).createNetwork({
      name: args.name,
      driver: flags.driver,
      subnets: flags.subnet ?? [],
      gateways: flags.gateway ?? [],
      ranges: flags['ip-range'] ?? [],
      internal: flags.internal,
      ipv6: flags.ipv6,
      labels: parseLabels(flags.label),
      options: parseDriverOptions(flags.opt),
    });
    this.print(`${id}\n`);
  }
}

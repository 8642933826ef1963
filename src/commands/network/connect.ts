import { GockerCommand } from '../../cli/command.ts';
import { containerArg } from '../../cli/container-args.ts';
import { parseAlias, parseFour, parsePriority, parseSix } from '../../cli/flags/networks.ts';
import { text, texts } from '../../cli/flags.ts';
import { networkArg } from '../../cli/network-args.ts';

export default class NetworkConnect extends GockerCommand {
  static override summary = 'Put a container on one more network';
  static override description = 'At once when it runs, and at each of its starts from then on.';
  static override examples = ['<%= config.bin %> network connect --alias db backend postgres'];
  static override usage = 'network connect [OPTIONS] NETWORK CONTAINER';
  static override args = { network: networkArg, container: containerArg };
  static override flags = {
    alias: texts({ description: 'one more name on the network', helpValue: 'NAME' }),
    ip: text({ description: 'the IPv4 address, as in 172.30.100.104', helpValue: 'ADDRESS' }),
    ip6: text({ description: 'the IPv6 address, as in 2001:db8::33', helpValue: 'ADDRESS' }),
    'gw-priority': text({
      description: 'the default route leads through the network with the highest, from the next start',
      helpValue: 'N',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(NetworkConnect);
    const { alias = [], ip, ip6, 'gw-priority': priority } = flags;
    await this.engine(flags).connectNetwork(args.container, {
      network: args.network,
      aliases: alias.map(parseAlias),
      addresses: [
        ...(ip === undefined ? [] : [parseFour(ip)]),
        ...(ip6 === undefined ? [] : [parseSix(ip6)]),
      ],
      ...(priority === undefined ? {} : { gatewayPriority: parsePriority(priority) }),
    });
  }
}

import { GockerCommand } from '../../cli/command.ts';
import { filterFlag, jsonFlag, listFlags } from '../../cli/flags.ts';
import { jsonText } from '../../cli/inspect.ts';
import { NETWORK_COLUMNS, networkRow } from '../../cli/network-rows.ts';
import { renderListing } from '../../cli/template.ts';

export default class NetworkLs extends GockerCommand {
  static override summary = 'List networks';
  static override examples = ['<%= config.bin %> network ls --filter driver=bridge'];
  static override flags = {
    ...listFlags,
    ...jsonFlag,
    ...filterFlag('name, id, driver, scope, type, dangling, label'),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(NetworkLs);
    const networks = await this.engine(flags).listNetworks(flags.filter ?? []);
    const rows = networks.map((network) => networkRow(network, { truncate: !flags['no-trunc'] }));
    if (flags.json) this.print(jsonText(networks));
    else if (flags.quiet) this.print(rows.map(({ ID }) => `${ID}\n`).join(''));
    else this.print(renderListing({ rows, columns: NETWORK_COLUMNS }, flags.format));
  }
}

import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { jsonFlag, text } from '../../cli/flags.ts';
import { jsonText } from '../../cli/inspect.ts';
import { renderListing } from '../../cli/template.ts';
import { USAGE_COLUMNS, usageRows, usageText } from '../../cli/usage-rows.ts';

export default class SystemDf extends GockerCommand {
  static override summary = 'Show what takes how much disk space';
  static override description =
    'Sizes are those of the disk, as du counts: the last line is what du says of the whole root.';
  static override examples = ['<%= config.bin %> system df', '<%= config.bin %> system df --verbose'];
  static override flags = {
    ...jsonFlag,
    format: text({
      description: 'json for one object a line, table, or a template such as "{{.Type}} {{.Size}}"',
      helpValue: 'FORMAT',
    }),
    verbose: boolean({ char: 'v', description: 'each image, layer, container, volume and download' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(SystemDf);
    const usage = await this.engine(flags).diskUsage();
    if (flags.json) this.print(jsonText([usage]));
    else if (flags.verbose) this.print(usageText(usage, Date.now()));
    else this.print(renderListing({ rows: usageRows(usage), columns: USAGE_COLUMNS }, flags.format));
  }
}

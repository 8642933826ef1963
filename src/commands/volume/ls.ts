import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { filterFlag, jsonFlag, text } from '../../cli/flags.ts';
import { jsonText } from '../../cli/inspect.ts';
import { renderListing } from '../../cli/template.ts';
import { VOLUME_COLUMNS, volumeRecord, volumeRow } from '../../cli/volume-rows.ts';

export default class VolumeLs extends GockerCommand {
  static override summary = 'List volumes';
  static override examples = ['<%= config.bin %> volume ls --filter dangling=true'];
  static override flags = {
    ...jsonFlag,
    ...filterFlag('dangling, driver, label, name'),
    quiet: boolean({ char: 'q', description: 'print only names' }),
    format: text({
      description: 'json for one object a line, table, or a template such as "{{.Name}} {{json .}}"',
      helpValue: 'FORMAT',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(VolumeLs);
    const { volumes, damaged } = await this.engine(flags).listVolumes(flags.filter ?? []);
    for (const { error } of damaged) this.note(`warning: ${error.message}`);
    const rows = volumes.map(volumeRow);
    if (flags.json) this.print(jsonText(volumes.map(volumeRecord)));
    else if (flags.quiet) this.print(rows.map(({ Name }) => `${Name}\n`).join(''));
    else this.print(renderListing({ rows, columns: VOLUME_COLUMNS }, flags.format));
  }
}

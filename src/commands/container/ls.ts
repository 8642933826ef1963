import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { CONTAINER_COLUMNS, containerRecord, containerRow, SIZE_COLUMN } from '../../cli/container-rows.ts';
import { filterFlag, jsonFlag, listFlags, parseInteger, text } from '../../cli/flags.ts';
import { jsonText } from '../../cli/inspect.ts';
import { renderListing } from '../../cli/template.ts';

export default class Ps extends GockerCommand {
  static override summary = 'List containers';
  static override examples = [
    '<%= config.bin %> ps -a --filter status=exited',
    '<%= config.bin %> ps --format "table {{.Names}}\\t{{.Status}}"',
  ];
  static override flags = {
    ...listFlags,
    ...jsonFlag,
    ...filterFlag('id, name, label, exited, status, ancestor, before, since, volume, network, health'),
    all: boolean({ char: 'a', description: 'those too that do not run' }),
    last: text({ char: 'n', description: 'the N newest, running or not', helpValue: 'N' }),
    latest: boolean({ char: 'l', description: 'the newest, running or not' }),
    size: boolean({ char: 's', description: 'show how much disk space each takes' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Ps);
    const last = flags.latest ? 1 : flags.last === undefined ? -1 : parseInteger(flags.last, '--last', -1);
    const size = flags.size || (!flags.quiet && (flags.format?.includes('.Size') ?? false));
    const filters = flags.filter ?? [];
    const { containers, damaged } = await this.engine(flags).listContainers({
      all: flags.all,
      last,
      size,
      filters,
    });
    for (const { error } of damaged) this.note(`warning: ${error.message}`);
    const options = { truncate: !flags['no-trunc'], now: Date.now() };
    const rows = containers.map((summary) => containerRow(summary, options));
    const columns = flags.size ? [...CONTAINER_COLUMNS, SIZE_COLUMN] : CONTAINER_COLUMNS;
    if (flags.json) this.print(jsonText(containers.map(containerRecord)));
    else if (flags.quiet) this.print(rows.map(({ ID }) => `${ID}\n`).join(''));
    else this.print(renderListing({ rows, columns }, flags.format));
  }
}

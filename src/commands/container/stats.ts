import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { jsonFlag, listFlags } from '../../cli/flags.ts';
import { jsonText } from '../../cli/inspect.ts';
import { STATS_COLUMNS, statsRow } from '../../cli/stats-rows.ts';
import { renderListing } from '../../cli/template.ts';

const INTERVAL_MS = 1000;
/** Home, and all below it away: the next table is drawn over the last one (console_codes(4)). */
const CLEAR = '\u001b[H\u001b[J';

export default class Stats extends GockerCommand {
  static override summary = 'Show what containers use, again every second';
  static override usage = 'stats [OPTIONS] [CONTAINER...]';
  static override examples = ['<%= config.bin %> stats --no-stream --format "{{.Name}} {{.MemUsage}}"'];
  static override args = {
    container: string({ multiple: true, ignoreStdin: true, description: 'all that run when none is named' }),
  };
  static override flags = {
    ...jsonFlag,
    format: listFlags.format,
    'no-trunc': listFlags['no-trunc'],
    'no-stream': boolean({ description: 'once and no more' }),
    all: boolean({ char: 'a', description: 'those too that do not run' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Stats);
    const engine = this.engine(flags);
    const { all } = flags;
    const containers = args.container ?? [];
    const once = flags['no-stream'] || flags.json;
    const live = !once && (process.stdout.isTTY ?? false) && !flags.format;
    do {
      const stats = await engine.containerStats({ containers, all, milliseconds: INTERVAL_MS });
      const rows = stats.map((one) => statsRow(one, { truncate: !flags['no-trunc'] }));
      const text = flags.json
        ? jsonText(stats)
        : renderListing({ rows, columns: STATS_COLUMNS }, flags.format);
      this.print(live ? CLEAR + text : text);
    } while (!once);
  }
}

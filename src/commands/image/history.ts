import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { listFlags } from '../../cli/flags.ts';
import { historyColumns, historyRow } from '../../cli/history-rows.ts';
import { renderListing } from '../../cli/template.ts';

export default class History extends GockerCommand {
  static override summary = 'Show how an image was made, the last step first';
  static override examples = [
    '<%= config.bin %> history alpine',
    '<%= config.bin %> history --no-trunc --format "{{.CreatedBy}}" alpine',
  ];
  static override args = {
    image: string({ required: true, ignoreStdin: true, description: 'name or ID' }),
  };
  static override flags = {
    ...listFlags,
    human: boolean({
      char: 'H',
      default: true,
      allowNo: true,
      description: 'sizes and times as people say them; with --human=false bytes and dates',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(History);
    const entries = await this.engine(flags).imageHistory(args.image);
    const { human } = flags;
    const row = { truncate: !flags['no-trunc'], human, now: Date.now() };
    const rows = entries.map((entry) => historyRow(entry, row));
    if (flags.quiet) this.print(rows.map(({ ID }) => `${ID}\n`).join(''));
    else this.print(renderListing({ rows, columns: historyColumns({ human }) }, flags.format));
  }
}

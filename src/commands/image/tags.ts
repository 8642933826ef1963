import { string } from '@oclif/core/args';
import { GockerCommand } from '../../cli/command.ts';
import { jsonFlag, listFlags } from '../../cli/flags.ts';
import { jsonText } from '../../cli/inspect.ts';
import { type Column, renderListing } from '../../cli/template.ts';
import { printable } from '../../image/printable.ts';

const COLUMNS: Column[] = [
  ['Repository', 'NAME'],
  ['Tag', 'TAG'],
];

export default class ImageTags extends GockerCommand {
  static override summary = 'List the tags that a registry has of a repository';
  static override usage = 'tags [OPTIONS] NAME';
  static override examples = ['<%= config.bin %> tags alpine', '<%= config.bin %> tags -q alpine'];
  static override args = {
    name: string({
      required: true,
      ignoreStdin: true,
      description: 'a name, with its registry unless that is Docker Hub',
    }),
  };
  static override flags = {
    ...jsonFlag,
    quiet: { ...listFlags.quiet, description: 'print only tags' },
    format: listFlags.format,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ImageTags);
    const { repository, tags } = await this.engine(flags).listTags(args.name);
    const rows = tags.map((tag) => ({ Repository: repository, Tag: tag }));
    if (flags.json) this.print(jsonText(rows));
    else if (flags.quiet) this.print(tags.map((tag) => `${printable(tag)}\n`).join(''));
    else this.print(renderListing({ rows, columns: COLUMNS }, flags.format));
  }
}

import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { jsonFlag, listFlags } from '../../cli/flags.ts';
import { imageColumns, imageRecord, imageRow } from '../../cli/image-rows.ts';
import { jsonText } from '../../cli/inspect.ts';
import { renderListing } from '../../cli/template.ts';

export default class Images extends GockerCommand {
  static override summary = 'List images';
  static override args = {
    name: string({ ignoreStdin: true, description: 'only images of this NAME[:TAG]' }),
  };
  static override flags = {
    ...listFlags,
    ...jsonFlag,
    all: boolean({ char: 'a', description: 'all images (none are ever left out)' }),
    digests: boolean({ description: 'show digests' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Images);
    const engine = this.engine(flags);
    const images = await engine.listImages(args.name);
    const row = { truncate: !flags['no-trunc'], now: Date.now() };
    const rows = images.map((image) => imageRow(image, row));
    if (flags.json) this.print(jsonText(images.map(imageRecord)));
    else if (flags.quiet) this.print(rows.map(({ ID }) => `${ID}\n`).join(''));
    else this.print(renderListing({ rows, columns: imageColumns(flags) }, flags.format));
  }
}

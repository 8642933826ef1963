import { string } from '@oclif/core/args';
import { GockerCommand } from '../../cli/command.ts';
import { text } from '../../cli/flags.ts';
import { formatSize } from '../../cli/format.ts';
import { type Column, renderListing } from '../../cli/template.ts';

const COLUMNS: Column[] = [
  ['Digest', 'LAYER DIGEST'],
  ['DiffID', 'DIFF ID'],
  ['Size', 'SIZE'],
];

export default class ImageLayers extends GockerCommand {
  static override summary = 'List the layers of an image, bottom first';
  static override description =
    'DIGEST names the layer as it travels, usually compressed, and SIZE is its size; DIFF ID names its content.';
  static override args = {
    image: string({ required: true, ignoreStdin: true, description: 'name or ID' }),
  };
  static override flags = {
    format: text({ description: 'json, table, or a template such as "{{.DiffID}}"', helpValue: 'FORMAT' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ImageLayers);
    const engine = this.engine(flags);
    const layers = await engine.listLayers(args.image);
    const rows = layers.map(({ digest, diffID, size }) => ({
      Digest: digest,
      DiffID: diffID,
      Size: formatSize(size),
    }));
    this.print(renderListing({ rows, columns: COLUMNS }, flags.format));
  }
}

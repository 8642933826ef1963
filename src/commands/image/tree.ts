import { string } from '@oclif/core/args';
import { GockerCommand } from '../../cli/command.ts';
import { jsonFlag } from '../../cli/flags.ts';
import { imageTreeRecord, imageTreeText } from '../../cli/image-tree.ts';
import { jsonText } from '../../cli/inspect.ts';

export default class ImageTree extends GockerCommand {
  static override summary = 'Show the layers of an image, their sizes, and which images share them';
  static override examples = ['<%= config.bin %> image tree alpine'];
  static override args = {
    image: string({ required: true, ignoreStdin: true, description: 'name or ID' }),
  };
  static override flags = { ...jsonFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ImageTree);
    const tree = await this.engine(flags).imageTree(args.image);
    this.print(flags.json ? jsonText([imageTreeRecord(tree)]) : imageTreeText(tree));
  }
}

import { string } from '@oclif/core/args';
import { GockerCommand } from '../../cli/command.ts';

export default class ImageTag extends GockerCommand {
  static override summary = 'Give an image a further name';
  static override usage = 'tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]';
  static override examples = ['<%= config.bin %> tag alpine registry.example.com:5000/team/alpine:3'];
  static override args = {
    source: string({ required: true, ignoreStdin: true, description: 'name or ID of an image' }),
    target: string({
      required: true,
      ignoreStdin: true,
      description: 'the new name; the tag is latest unless said',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ImageTag);
    await this.engine(flags).tagImage(args.source, args.target);
  }
}

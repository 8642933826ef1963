import { string } from '@oclif/core/args';
import { GockerCommand } from '../../cli/command.ts';

export default class ImageUntag extends GockerCommand {
  static override summary = 'Take names away from an image';
  static override description =
    'Without NAME all its names go. The image itself stays; gocker rmi removes it, by its ID if need be.';
  static override usage = 'untag IMAGE [NAME...]';
  static override examples = ['<%= config.bin %> untag alpine registry.example.com:5000/team/alpine:3'];
  static override args = {
    image: string({ required: true, ignoreStdin: true, description: 'name or ID' }),
    name: string({ multiple: true, ignoreStdin: true, description: 'names to take away' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ImageUntag);
    await this.engine(flags).untagImage(args.image, args.name ?? []);
  }
}

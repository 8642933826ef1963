import { string } from '@oclif/core/args';
import { GockerCommand } from '../../cli/command.ts';
import { jsonFlag, text } from '../../cli/flags.ts';
import { printInspection } from '../../cli/inspect.ts';

export default class ImageInspect extends GockerCommand {
  static override summary = 'Show all that is known of images, as JSON';
  static override args = {
    image: string({ required: true, multiple: true, ignoreStdin: true, description: 'names, or IDs' }),
  };
  static override flags = {
    ...jsonFlag,
    format: text({ char: 'f', description: 'a template such as "{{.RootFS.Layers}}"', helpValue: 'FORMAT' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ImageInspect);
    const engine = this.engine(flags);
    this.print(
      await printInspection(args.image, flags.json ? undefined : flags.format, (name) =>
        engine.inspectImage(name),
      ),
    );
  }
}

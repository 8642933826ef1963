import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { jsonFlag, text } from '../../cli/flags.ts';
import { printInspection } from '../../cli/inspect.ts';

export default class ImageInspect extends GockerCommand {
  static override summary = 'Show all that is known of images, as JSON';
  static override description =
    'With --remote it is what the registry tells; nothing is pulled, and sizes are those of what would travel.';
  static override examples = [
    '<%= config.bin %> image inspect alpine',
    '<%= config.bin %> image inspect --remote --platform linux/arm64 alpine',
    '<%= config.bin %> image inspect --remote --format "{{.Digest}} {{.Platforms}}" alpine',
  ];
  static override args = {
    image: string({ required: true, multiple: true, ignoreStdin: true, description: 'names, or IDs' }),
  };
  static override flags = {
    ...jsonFlag,
    format: text({ char: 'f', description: 'a template such as "{{.RootFS.Layers}}"', helpValue: 'FORMAT' }),
    platform: text({
      description: 'which of a multi-platform image',
      helpValue: 'OS/ARCH[/VARIANT]',
    }),
    remote: boolean({ description: 'ask the registry, and pull nothing' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ImageInspect);
    const engine = this.engine(flags);
    const { platform, remote } = flags;
    const inspect = (name: string) =>
      remote ? engine.inspectRemote(name, { platform }) : engine.inspectImage(name, { platform });
    this.print(await printInspection(args.image, flags.json ? undefined : flags.format, inspect));
  }
}

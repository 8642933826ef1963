import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { forEach } from '../../cli/each.ts';
import { text } from '../../cli/flags.ts';
import { pullObserver } from '../../cli/origins.ts';
import type { PulledImage } from '../../engine.ts';

export default class Pull extends GockerCommand {
  static override summary = 'Download an image from a registry';
  static override usage = 'pull [OPTIONS] NAME[:TAG|@DIGEST]...';
  static override examples = [
    '<%= config.bin %> pull alpine',
    '<%= config.bin %> pull --platform linux/arm64 alpine',
    '<%= config.bin %> pull --all-platforms alpine',
    '<%= config.bin %> pull 127.0.0.1:5000/app:1 127.0.0.1:5000/tools',
  ];
  static override args = {
    image: string({
      required: true,
      multiple: true,
      ignoreStdin: true,
      description: 'what to pull; the tag is latest unless said',
    }),
  };
  static override flags = {
    'all-platforms': boolean({
      description: 'keep all of a multi-platform image, for push; one is unpacked',
      exclusive: ['platform'],
    }),
    platform: text({ description: 'which of a multi-platform image', helpValue: 'OS/ARCH[/VARIANT]' }),
    quiet: boolean({ char: 'q', description: 'print only the full name' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Pull);
    const engine = this.engine(flags);
    await forEach(args.image, async (name) => {
      const pulled = await engine.pull(name, {
        ...(flags.platform === undefined ? {} : { platform: flags.platform }),
        allPlatforms: flags['all-platforms'],
        observer: pullObserver({ quiet: flags.quiet }),
      });
      this.print(flags.quiet ? `${pulled.name}\n` : report(pulled));
    });
  }
}

function report({ digest, changed, familiarName, name }: PulledImage): string {
  const status = changed ? 'Downloaded newer image for' : 'Image is up to date for';
  return `Digest: ${digest}\nStatus: ${status} ${familiarName}\n${name}\n`;
}

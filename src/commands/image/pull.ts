import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { text } from '../../cli/flags.ts';
import { pullObserver } from '../../cli/origins.ts';

export default class Pull extends GockerCommand {
  static override summary = 'Download an image from a registry';
  static override usage = 'pull [OPTIONS] NAME[:TAG|@DIGEST]';
  static override examples = ['<%= config.bin %> pull alpine', '<%= config.bin %> pull 127.0.0.1:5000/app:1'];
  static override args = {
    image: string({
      required: true,
      ignoreStdin: true,
      description: 'what to pull; the tag is latest unless said',
    }),
  };
  static override flags = {
    quiet: boolean({ char: 'q', description: 'print only the full name' }),
    platform: text({ description: 'which of a multi-platform image', helpValue: 'OS/ARCH[/VARIANT]' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Pull);
    const engine = this.engine(flags);
    const pulled = await engine.pull(args.image, {
      ...(flags.platform === undefined ? {} : { platform: flags.platform }),
      observer: pullObserver({ quiet: flags.quiet }),
    });
    if (!flags.quiet) {
      const status = pulled.changed ? 'Downloaded newer image for' : 'Image is up to date for';
      this.print(`Digest: ${pulled.digest}\nStatus: ${status} ${pulled.familiarName}\n`);
    }
    this.print(`${pulled.name}\n`);
  }
}

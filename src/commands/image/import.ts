import { string } from '@oclif/core/args';
import { archiveInput } from '../../cli/archive-stream.ts';
import { GockerCommand } from '../../cli/command.ts';
import { text, texts } from '../../cli/flags.ts';

export default class Import extends GockerCommand {
  static override summary = 'Make an image of a tar archive or a folder';
  static override description =
    'The archive may be packed with gzip or zstd, and is kept as it is. Prints the ID of the image.';
  static override usage = 'import [OPTIONS] FILE|DIR|URL|- [NAME[:TAG]]';
  static override examples = [
    '<%= config.bin %> import rootfs.tar.gz mine:1',
    '<%= config.bin %> export web | gocker import --change \'CMD ["sh"]\' - web:flat',
    '<%= config.bin %> import https://example.com/rootfs.tar.gz mine',
  ];
  static override args = {
    source: string({
      required: true,
      ignoreStdin: true,
      description: 'a file, folder or address; - is standard input',
    }),
    name: string({ ignoreStdin: true, description: 'what to call it; the tag is latest unless said' }),
  };
  static override flags = {
    change: texts({
      char: 'c',
      description: 'an instruction as in a Dockerfile, such as \'CMD ["sh"]\'',
      helpValue: 'INSTRUCTION',
    }),
    message: text({ char: 'm', description: 'what history says of it', helpValue: 'TEXT' }),
    platform: text({ description: 'what it runs on, if not this machine', helpValue: 'OS/ARCH[/VARIANT]' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Import);
    const { source, name } = args;
    const { change: changes = [], message, platform } = flags;
    const options = { ...(name !== undefined && { name }), changes, message, platform };
    const id = await this.engine(flags).importImage(archiveInput(source), options);
    this.print(`${id}\n`);
  }
}

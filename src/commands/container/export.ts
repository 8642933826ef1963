import { string } from '@oclif/core/args';
import { archiveOutput } from '../../cli/archive-stream.ts';
import { GockerCommand } from '../../cli/command.ts';
import { text } from '../../cli/flags.ts';

export default class Export extends GockerCommand {
  static override summary = "Write a container's files as a tar archive";
  static override description =
    'All of them, of the image and its own, with modes, owners, times, links, devices and attributes, whether the container ' +
    'runs or not. What is mounted in it, such as volumes, is left out.';
  static override examples = [
    '<%= config.bin %> export -o web.tar web',
    '<%= config.bin %> export web | <%= config.bin %> import - web:flat',
  ];
  static override args = {
    container: string({ required: true, ignoreStdin: true, description: 'name, ID, or beginning of an ID' }),
  };
  static override flags = {
    output: text({ char: 'o', description: 'where to, instead of standard output', helpValue: 'FILE|-' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Export);
    const to = archiveOutput(flags.output ?? '-');
    await this.engine(flags).exportContainer(args.container, to);
  }
}

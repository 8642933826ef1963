import { string } from '@oclif/core/args';
import { GockerCommand } from '../../cli/command.ts';
import { containerArg } from '../../cli/container-args.ts';
import { formatTable } from '../../cli/table.ts';

export default class Top extends GockerCommand {
  static override summary = 'Show the processes of a container';
  static override description = 'The options are those of ps(1) on this host, -ef without any.';
  static override usage = 'top CONTAINER [ps OPTIONS]';
  static override examples = ['<%= config.bin %> top web', '<%= config.bin %> top web -o pid,rss,comm'];
  static override passThrough = true;
  static override args = {
    container: containerArg,
    options: string({ multiple: true, ignoreStdin: true, description: 'options of ps' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Top);
    const { titles, processes } = await this.engine(flags).topContainer(args.container, args.options ?? []);
    this.print(formatTable(titles, processes));
  }
}

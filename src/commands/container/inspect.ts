import { string } from '@oclif/core/args';
import { GockerCommand } from '../../cli/command.ts';
import { text } from '../../cli/flags.ts';
import { printInspection } from '../../cli/inspect.ts';

export default class ContainerInspect extends GockerCommand {
  static override summary = 'Show all that is known of containers, as JSON';
  static override args = {
    container: string({
      required: true,
      multiple: true,
      ignoreStdin: true,
      description: 'names, IDs, or beginnings of IDs',
    }),
  };
  static override flags = {
    format: text({ char: 'f', description: 'a template such as "{{.State.Pid}}"', helpValue: 'FORMAT' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ContainerInspect);
    const engine = this.engine(flags);
    this.print(await printInspection(args.container, flags.format, (name) => engine.inspectContainer(name)));
  }
}

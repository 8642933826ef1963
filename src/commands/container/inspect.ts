import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { containersArg } from '../../cli/container-args.ts';
import { jsonFlag, text } from '../../cli/flags.ts';
import { printInspection } from '../../cli/inspect.ts';

export default class ContainerInspect extends GockerCommand {
  static override summary = 'Show all that is known of containers, as JSON';
  static override args = { container: containersArg };
  static override flags = {
    ...jsonFlag,
    format: text({ char: 'f', description: 'a template such as "{{.State.Pid}}"', helpValue: 'FORMAT' }),
    size: boolean({ char: 's', description: 'count the bytes of its files' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ContainerInspect);
    const engine = this.engine(flags);
    const { size } = flags;
    const format = flags.json ? undefined : flags.format;
    this.print(
      await printInspection(args.container, format, (name) => engine.inspectContainer(name, { size })),
    );
  }
}

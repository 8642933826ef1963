import { string } from '@oclif/core/args';
import { GockerCommand } from '../../cli/command.ts';
import { containerArg } from '../../cli/container-args.ts';

export default class Rename extends GockerCommand {
  static override summary = 'Give a container another name';
  static override usage = 'rename CONTAINER NAME';
  static override examples = ['<%= config.bin %> rename web old-web'];
  static override args = {
    container: containerArg,
    name: string({ required: true, ignoreStdin: true, description: 'the name it shall have' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Rename);
    await this.engine(flags).renameContainer(args.container, args.name);
  }
}

import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { containerArg } from '../../cli/container-args.ts';
import { parseInteger, text } from '../../cli/flags.ts';

export default class Fork extends GockerCommand {
  static override summary = 'Make containers that are as another one is now';
  static override description =
    'They share its files without a copy when it is stopped, and each changes its own from there on; volumes stay the ' +
    'same ones. They are not started. Their IDs are printed.';
  static override usage = 'fork [OPTIONS] CONTAINER';
  static override examples = [
    '<%= config.bin %> fork --name trial web',
    '<%= config.bin %> fork --times 10 --name worker web',
  ];
  static override args = { container: containerArg };
  static override flags = {
    name: text({
      description: 'name of the new one; of several NAME-1, NAME-2 and so on',
      helpValue: 'NAME',
    }),
    pause: boolean({ char: 'p', description: 'stop its processes meanwhile', default: true, allowNo: true }),
    times: text({ char: 'n', description: 'how many', default: '1', helpValue: 'NUMBER' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Fork);
    const { name, pause } = flags;
    const ids = await this.engine(flags).forkContainer(args.container, {
      pause,
      times: parseInteger(flags.times, '--times', 1),
      ...(name === undefined ? {} : { name }),
    });
    this.print(ids.map((id) => `${id}\n`).join(''));
  }
}

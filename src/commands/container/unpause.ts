import { GockerCommand } from '../../cli/command.ts';
import { containersArg } from '../../cli/container-args.ts';
import { forEach } from '../../cli/each.ts';

export default class Unpause extends GockerCommand {
  static override summary = 'Let the processes of paused containers go on';
  static override usage = 'unpause CONTAINER [CONTAINER...]';
  static override examples = ['<%= config.bin %> unpause web'];
  static override args = { container: containersArg };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Unpause);
    const engine = this.engine(flags);
    await forEach(args.container, async (name) => {
      await engine.unpauseContainer(name);
      this.print(`${name}\n`);
    });
  }
}

import { GockerCommand } from '../../cli/command.ts';
import { containersArg } from '../../cli/container-args.ts';
import { forEach } from '../../cli/each.ts';

export default class Pause extends GockerCommand {
  static override summary = 'Stop all processes of containers where they are';
  static override usage = 'pause CONTAINER [CONTAINER...]';
  static override examples = ['<%= config.bin %> pause web'];
  static override args = { container: containersArg };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Pause);
    const engine = this.engine(flags);
    await forEach(args.container, async (name) => {
      await engine.pauseContainer(name);
      this.print(`${name}\n`);
    });
  }
}

import { GockerCommand } from '../../cli/command.ts';
import { containersArg } from '../../cli/container-args.ts';
import { forAll } from '../../cli/each.ts';

export default class Wait extends GockerCommand {
  static override summary = 'Wait until programs end, and print their exit codes';
  static override examples = ['<%= config.bin %> wait web'];
  static override usage = 'wait [OPTIONS] CONTAINER [CONTAINER...]';
  static override args = { container: containersArg };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Wait);
    const engine = this.engine(flags);
    await forAll(args.container, async (name) => {
      const code = await engine.wait(name);
      return () => this.print(`${code}\n`);
    });
  }
}

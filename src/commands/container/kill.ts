import { GockerCommand } from '../../cli/command.ts';
import { containersArg } from '../../cli/container-args.ts';
import { forAll } from '../../cli/each.ts';
import { text } from '../../cli/flags.ts';

export default class Kill extends GockerCommand {
  static override summary = 'Send a signal to the programs of running containers';
  static override examples = ['<%= config.bin %> kill -s HUP web'];
  static override usage = 'kill [OPTIONS] CONTAINER [CONTAINER...]';
  static override args = { container: containersArg };
  static override flags = {
    signal: text({ char: 's', description: 'name or number', helpValue: 'SIGNAL', default: 'KILL' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Kill);
    const engine = this.engine(flags);
    await forAll(args.container, async (name) => {
      await engine.kill(name, flags.signal);
      return () => this.print(`${name}\n`);
    });
  }
}

import { GockerCommand } from '../../cli/command.ts';
import { containersArg } from '../../cli/container-args.ts';
import { forAll } from '../../cli/each.ts';
import { readStopFlags, stopFlags } from '../../cli/flags/stop.ts';

export default class Restart extends GockerCommand {
  static override summary = 'End programs and start them again';
  static override examples = ['<%= config.bin %> restart -t 30 web'];
  static override flags = stopFlags;
  static override usage = 'restart [OPTIONS] CONTAINER [CONTAINER...]';
  static override args = { container: containersArg };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Restart);
    const engine = this.engine(flags);
    const options = readStopFlags(flags);
    await forAll(args.container, async (name) => {
      await engine.restart(name, options);
      return () => this.print(`${name}\n`);
    });
  }
}

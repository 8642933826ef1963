import { GockerCommand } from '../../cli/command.ts';
import { containersArg } from '../../cli/container-args.ts';
import { forAll } from '../../cli/each.ts';
import { readStopFlags, stopFlags } from '../../cli/flags/stop.ts';

export default class Stop extends GockerCommand {
  static override summary = 'End the programs of running containers';
  static override examples = ['<%= config.bin %> stop -t 30 web'];
  static override flags = stopFlags;
  static override usage = 'stop [OPTIONS] CONTAINER [CONTAINER...]';
  static override args = { container: containersArg };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Stop);
    const engine = this.engine(flags);
    const options = readStopFlags(flags);
    await forAll(args.container, async (name) => {
      await engine.stop(name, options);
      return () => this.print(`${name}\n`);
    });
  }
}

import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { containersArg } from '../../cli/container-args.ts';
import { forEach } from '../../cli/each.ts';

export default class Rm extends GockerCommand {
  static override summary = 'Remove containers';
  static override usage = 'rm [OPTIONS] CONTAINER [CONTAINER...]';
  static override args = { container: containersArg };
  static override flags = {
    force: boolean({ char: 'f', description: 'end and remove running ones too' }),
    volumes: boolean({ char: 'v', description: 'remove the anonymous volumes that came with them too' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Rm);
    const engine = this.engine(flags);
    await forEach(args.container, async (name) => {
      await engine.removeContainer(name, { force: flags.force, volumes: flags.volumes });
      this.print(`${name}\n`);
    });
  }
}

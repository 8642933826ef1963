import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { forEach } from '../../cli/each.ts';

export default class Rmi extends GockerCommand {
  static override summary = 'Remove images';
  static override usage = 'rmi [OPTIONS] IMAGE [IMAGE...]';
  static override args = {
    image: string({
      required: true,
      multiple: true,
      ignoreStdin: true,
      description: 'names, IDs, or beginnings of IDs',
    }),
  };
  static override flags = {
    force: boolean({
      char: 'f',
      description: 'all names of the image, and though stopped containers use it',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Rmi);
    const engine = this.engine(flags);
    await forEach(args.image, async (name) => {
      const { untagged, deleted } = await engine.removeImage(name, { force: flags.force });
      const lines = [
        ...untagged.map((one) => `Untagged: ${one}`),
        ...deleted.map((one) => `Deleted: ${one}`),
      ];
      this.print(lines.map((line) => `${line}\n`).join(''));
    });
  }
}

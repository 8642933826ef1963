import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { forEach } from '../../cli/each.ts';
import { hasCode } from '../../errors.ts';

export default class VolumeRm extends GockerCommand {
  static override summary = 'Remove volumes with all that is in them';
  static override description = 'A volume that a container has, running or not, stays.';
  static override examples = ['<%= config.bin %> volume rm data'];
  static override usage = 'volume rm [OPTIONS] VOLUME [VOLUME...]';
  static override args = {
    volume: string({ required: true, multiple: true, ignoreStdin: true, description: 'names' }),
  };
  static override flags = {
    force: boolean({ char: 'f', description: 'one that is not there is no error' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(VolumeRm);
    const engine = this.engine(flags);
    await forEach(args.volume, async (name) => {
      try {
        await engine.removeVolume(name);
      } catch (error) {
        if (!flags.force || !hasCode(error, 'VOLUME_NOT_FOUND')) throw error;
      }
      this.print(`${name}\n`);
    });
  }
}

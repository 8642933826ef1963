import { string } from '@oclif/core/args';
import { GockerCommand } from '../../cli/command.ts';
import { jsonFlag, text } from '../../cli/flags.ts';
import { printInspection } from '../../cli/inspect.ts';

export default class VolumeInspect extends GockerCommand {
  static override summary = 'Show all that is known of volumes, as JSON';
  static override examples = ['<%= config.bin %> volume inspect --format "{{.Mountpoint}}" data'];
  static override args = {
    volume: string({ required: true, multiple: true, ignoreStdin: true, description: 'names' }),
  };
  static override flags = {
    ...jsonFlag,
    format: text({ char: 'f', description: 'a template such as "{{.Mountpoint}}"', helpValue: 'FORMAT' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(VolumeInspect);
    const engine = this.engine(flags);
    const inspect = (name: string) => engine.inspectVolume(name);
    this.print(await printInspection(args.volume, flags.json ? undefined : flags.format, inspect));
  }
}

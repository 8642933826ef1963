import { createReadStream } from 'node:fs';
import { string } from '@oclif/core/args';
import { GockerCommand } from '../../cli/command.ts';

export default class VolumeImport extends GockerCommand {
  static override summary = 'Put the files of a tar archive into a volume';
  static override description =
    'The volume must be there. What it has under the same name is replaced, the rest stays. The archive may be plain, gzip or ' +
    'zstd, and comes from standard input unless a file is named.';
  static override examples = [
    '<%= config.bin %> volume import data data.tar',
    '<%= config.bin %> volume export data | <%= config.bin %> volume import copy -',
  ];
  static override args = {
    volume: string({ required: true, ignoreStdin: true, description: 'name of the volume' }),
    source: string({ ignoreStdin: true, description: 'a file, or - for standard input', default: '-' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(VolumeImport);
    const from = args.source === '-' ? process.stdin : createReadStream(args.source);
    await this.engine(flags).importVolume(args.volume, from);
  }
}

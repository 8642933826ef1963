import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { string } from '@oclif/core/args';
import { GockerCommand } from '../../cli/command.ts';
import { text } from '../../cli/flags.ts';
import { UsageError } from '../../errors.ts';

export default class VolumeExport extends GockerCommand {
  static override summary = 'Write all that is in a volume as a tar archive';
  static override description =
    'Modes, owners, times, attributes, links and devices come along. The archive goes to standard output, or to a file that ' +
    'appears when it is whole.';
  static override examples = [
    '<%= config.bin %> volume export --output data.tar data',
    '<%= config.bin %> volume export data | gzip > data.tar.gz',
  ];
  static override args = {
    volume: string({ required: true, ignoreStdin: true, description: 'name of the volume' }),
  };
  static override flags = {
    output: text({ char: 'o', description: 'write to a file', helpValue: 'FILE' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(VolumeExport);
    const engine = this.engine(flags);
    if (flags.output === undefined) {
      if (process.stdout.isTTY) throw terminal();
      await engine.exportVolume(args.volume, process.stdout);
      return;
    }
    await engine.inspectVolume(args.volume);
    const unfinished = `${resolve(flags.output)}.${process.pid}.tmp`;
    try {
      await engine.exportVolume(args.volume, createWriteStream(unfinished, { mode: 0o600, flags: 'wx' }));
      await rename(unfinished, flags.output);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  }
}

function terminal(): UsageError {
  return new UsageError('OUTPUT_IS_TERMINAL', 'refusing to write an archive to a terminal', {
    hint: 'give a file with --output, or send it on with | or >',
  });
}

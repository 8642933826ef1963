import { openCidFile } from '../../cli/cid-file.ts';
import { GockerCommand } from '../../cli/command.ts';
import { parseStreams } from '../../cli/flags/attach.ts';
import { readRunFlags, runArgs, runFlags } from '../../cli/flags/run.ts';
import { EXIT } from '../../errors.ts';

export default class Create extends GockerCommand {
  static override summary = 'Make a container without starting it';
  static override description = "The options are those of 'gocker run'; the ID is printed.";
  static override examples = ['<%= config.bin %> create --name web nginx'];
  static override usage = 'create [OPTIONS] IMAGE [COMMAND] [ARG...]';
  static override passThrough = true;
  static override failureExit = EXIT.ENGINE;
  static override args = runArgs;
  static override flags = runFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Create);
    parseStreams(flags.attach);
    const { size: _ours, ...options } = readRunFlags(args, flags);
    const idFile = openCidFile(flags.cidfile);
    try {
      const { id } = await this.engine(flags).create(options);
      idFile.write(id);
      this.print(`${id}\n`);
    } finally {
      idFile.close();
    }
  }
}

import type { Interfaces } from '@oclif/core';
import { boolean } from '@oclif/core/flags';
import { attendance, ownStreams } from '../../cli/attend.ts';
import { type CidFile, openCidFile } from '../../cli/cid-file.ts';
import { GockerCommand } from '../../cli/command.ts';
import { readRunFlags, runArgs, runFlags } from '../../cli/flags/run.ts';
import type { RunOptions } from '../../engine.ts';
import { EXIT } from '../../errors.ts';

export default class Run extends GockerCommand {
  static override summary = 'Run a program in a new container';
  static override description =
    'Options end at IMAGE: all that follows is the program and its arguments. A missing image is pulled. The exit code is ' +
    "the program's; 125 when gocker fails, 126 when the program cannot be run, 127 when it is not found.";
  static override examples = [
    '<%= config.bin %> run --rm -it alpine sh',
    '<%= config.bin %> run -d --name web --restart unless-stopped nginx',
    '<%= config.bin %> run --rm --mem=64m --cpus=0.5 --pids=16 alpine ls -la',
  ];
  static override usage = 'run [OPTIONS] IMAGE [COMMAND] [ARG...]';
  static override passThrough = true;
  static override failureExit = EXIT.ENGINE;
  static override args = runArgs;
  static override flags = {
    ...runFlags,
    detach: boolean({ char: 'd', description: 'run in the background and print the ID' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Run);
    const options = readRunFlags(args, flags);
    const idFile = openCidFile(flags.cidfile);
    try {
      if (flags.detach) {
        const { id } = await this.engine(flags).runDetached({ ...options, detached: true });
        idFile.write(id);
        this.print(`${id}\n`);
      } else {
        await this.stay(flags, { options, idFile });
      }
    } finally {
      idFile.close();
    }
  }

  /** Runs in the foreground, to the end. */
  private async stay(
    flags: Interfaces.InferredFlags<typeof Run.flags & typeof Run.baseFlags>,
    { options, idFile }: { options: RunOptions; idFile: CidFile },
  ): Promise<void> {
    const connected = { tty: flags.tty, interactive: flags.interactive };
    const streams = ownStreams(connected);
    const attention = attendance(connected);
    const engine = this.engine(flags);
    try {
      const container = await engine.run({ ...options, onStarting: attention.begin }, streams);
      idFile.write(container.id);
      process.exitCode = (await attention.follow(container, engine.makeRaw)).exitCode;
    } finally {
      attention.end();
    }
  }
}

import type { Interfaces } from '@oclif/core';
import { boolean } from '@oclif/core/flags';
import { stayAttached } from '../../cli/attach.ts';
import { requireTerminal } from '../../cli/attend.ts';
import { openCidFile } from '../../cli/cid-file.ts';
import { GockerCommand } from '../../cli/command.ts';
import { leaveFlag, parseStreams, signalFlag } from '../../cli/flags/attach.ts';
import { readRunFlags, runArgs, runFlags } from '../../cli/flags/run.ts';
import type { RunOptions } from '../../engine.ts';
import { EXIT, UsageError } from '../../errors.ts';

type Outputs = ReturnType<typeof parseStreams>;

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
    ...leaveFlag,
    ...signalFlag,
    detach: boolean({ char: 'd', description: 'run in the background and print the ID' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Run);
    const outputs = parseStreams(flags.attach);
    if (flags.detach && flags.attach) throw conflict();
    const read = readRunFlags(args, flags);
    const idFile = openCidFile(flags.cidfile);
    const options = { ...read, onCreated: idFile.write };
    try {
      if (flags.detach) {
        const { id } = await this.engine(flags).runDetached({ ...options, detached: true });
        this.print(`${id}\n`);
      } else {
        await this.stay(flags, { options, outputs });
      }
    } finally {
      idFile.close();
    }
  }

  /** Runs in the foreground, to the end. */
  private async stay(
    flags: Interfaces.InferredFlags<typeof Run.flags & typeof Run.baseFlags>,
    { options, outputs }: { options: RunOptions; outputs: Outputs },
  ): Promise<void> {
    const { tty, interactive, 'detach-keys': detachKeys = '' } = flags;
    requireTerminal({ tty, interactive });
    const engine = this.engine(flags);
    const leavable = tty && interactive && detachKeys !== '';
    process.exitCode = await stayAttached(
      engine,
      (streams, more) => engine.run({ ...options, ...more, leavable }, streams),
      { tty, stdin: interactive, sigProxy: flags['sig-proxy'], detachKeys, outputs },
    );
  }
}

function conflict(): UsageError {
  const message = 'conflicting options: cannot specify both --attach and --detach';
  return new UsageError('CONFLICTING_FLAGS', message, { hint: 'leave out one of the two' });
}

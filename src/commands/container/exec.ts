import { string } from '@oclif/core/args';
import { attendance, ownSize, ownStreams } from '../../cli/attend.ts';
import { GockerCommand } from '../../cli/command.ts';
import { readEnvFlags } from '../../cli/env-file.ts';
import { processFlags } from '../../cli/flags.ts';
import { EXIT } from '../../errors.ts';

export default class Exec extends GockerCommand {
  static override summary = 'Run a further program in a running container';
  static override description =
    "Options end at CONTAINER. The program gets the container's environment, directory and user where the options say " +
    "nothing else; the exit codes are those of 'gocker run'.";
  static override examples = ['<%= config.bin %> exec -it web sh'];
  static override usage = 'exec [OPTIONS] CONTAINER COMMAND [ARG...]';
  static override passThrough = true;
  static override failureExit = EXIT.ENGINE;
  static override args = {
    container: string({ required: true, ignoreStdin: true, description: 'name, ID, or beginning of an ID' }),
    command: string({
      required: true,
      multiple: true,
      ignoreStdin: true,
      description: 'program and arguments',
    }),
  };
  static override flags = processFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Exec);
    const connected = { tty: flags.tty, interactive: flags.interactive };
    const streams = ownStreams(connected);
    const attention = attendance(connected);
    const size = flags.tty ? ownSize() : undefined;
    const engine = this.engine(flags);
    const request = {
      container: args.container,
      command: args.command,
      env: readEnvFlags(flags, process.env),
      terminal: flags.tty,
      stdin: flags.interactive,
      ...(flags.workdir === undefined ? {} : { workdir: flags.workdir }),
      ...(flags.user === undefined ? {} : { user: flags.user }),
      ...(size === undefined ? {} : { size }),
      onStarting: attention.begin,
    };
    try {
      const program = await engine.exec(request, streams);
      process.exitCode = (await attention.follow(program, engine.makeRaw)).exitCode;
    } finally {
      attention.end();
    }
  }
}

import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { nowhere, stayAttached } from '../../cli/attach.ts';
import { requireTerminal } from '../../cli/attend.ts';
import { GockerCommand } from '../../cli/command.ts';
import { readEnvFlags } from '../../cli/env-file.ts';
import { leaveFlag } from '../../cli/flags/attach.ts';
import { processFlags } from '../../cli/flags.ts';
import type { Engine, ExecRequest } from '../../engine.ts';
import { EXIT } from '../../errors.ts';

export default class Exec extends GockerCommand {
  static override summary = 'Run a further program in a running container';
  static override description =
    "Options end at CONTAINER. The program gets the container's environment, directory and user where the options say " +
    "nothing else; the exit codes are those of 'gocker run'.";
  static override examples = [
    '<%= config.bin %> exec -it web sh',
    '<%= config.bin %> exec -d web touch /tmp/ready',
  ];
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
  static override flags = {
    ...processFlags,
    ...leaveFlag,
    detach: boolean({ char: 'd', description: 'leave the program running, and throw away what it writes' }),
    privileged: boolean({ description: 'give the program all capabilities' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Exec);
    const keys = flags['detach-keys'] ?? '';
    const request: ExecRequest = {
      container: args.container,
      command: args.command,
      env: readEnvFlags(flags, process.env),
      terminal: flags.tty,
      stdin: flags.interactive,
      privileged: flags.privileged,
      ...(flags.workdir === undefined ? {} : { workdir: flags.workdir }),
      ...(flags.user === undefined ? {} : { user: flags.user }),
    };
    const engine = this.engine(flags);
    if (flags.detach) return await leaveRunning(engine, request);
    const connected = { tty: flags.tty, interactive: flags.interactive };
    requireTerminal(connected);
    const outlives = flags.tty && flags.interactive && keys !== '';
    process.exitCode = await stayAttached(
      engine,
      (streams, more) => engine.exec({ ...request, ...more, outlives }, streams),
      { tty: flags.tty, stdin: flags.interactive, sigProxy: true, detachKeys: keys },
    );
  }
}

/** The program ends with its container. */
async function leaveRunning(engine: Engine, request: ExecRequest): Promise<void> {
  const streams = { stdout: nowhere(), stderr: nowhere() };
  const program = await engine.exec({ ...request, stdin: false, outlives: true }, streams);
  program.leave();
}

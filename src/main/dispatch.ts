import { Config } from '@oclif/core/config';
import { run } from '@oclif/core/run';
import { type CommandShape, findCommand, prepareArgv, splitGlobals } from '../cli/argv.ts';
import { describeError } from '../cli/report.ts';

/** Where package.json tells oclif to look for them. */
export { commands } from '../commands/index.ts';

/** Runs the command that argv names and resolves to the exit code; errors are printed. */
export async function dispatch(argv: string[]): Promise<number> {
  let command: CommandShape | undefined;
  try {
    const config = await Config.load(import.meta.url);
    const find = (id: string) => ownCommand(config, id);
    command = findCommand(splitGlobals(argv)[1], find);
    await run(prepareArgv(argv, find).argv, config);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    const { text, exitCode } = describeError(error, {
      command: command?.id.replaceAll(':', ' '),
      failureExit: (command as { failureExit?: number } | undefined)?.failureExit,
      debug: process.env.GOCKER_DEBUG === '1',
    });
    process.stderr.write(text);
    return exitCode;
  }
}

/** gocker's own commands as the manifest describes them; those of plugins are read by oclif's rules alone. */
function ownCommand(config: Config, id: string): CommandShape | undefined {
  const command = config.findCommand(id);
  return command?.pluginName === config.name ? (command as CommandShape) : undefined;
}

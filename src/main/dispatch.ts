import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Config } from '@oclif/core/config';
import { run } from '@oclif/core/run';
import { type CommandShape, findCommand, prepareArgv, splitGlobals } from '../cli/argv.ts';
import { describeError } from '../cli/report.ts';
import { isHidden } from '../cli/value.ts';
import { commands } from '../commands/index.ts';

/** Where package.json tells oclif to look for them. */
export { commands };

/** Runs the command that argv names and resolves to the exit code; errors are printed. */
export async function dispatch(argv: string[]): Promise<number> {
  let command: CommandShape | undefined;
  try {
    const config = await loadConfig(argv);
    const find = (id: string) => ownCommand(config, id);
    command = findCommand(splitGlobals(argv)[1], find);
    const prepared = prepareArgv(argv, find).argv;
    // oclif shows this one, too.
    if (prepared.some(isHidden)) process.argv.splice(2);
    await run(prepared, config);
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

/**
 * oclif's view of gocker. A command of our own needs none of the plugins that gocker comes with (they bring `help`,
 * `plugins` and the like), and to read what they are takes a tenth of its time; plugins that a user added are always
 * read, since they may bring drivers.
 */
async function loadConfig(argv: string[]): Promise<Config> {
  const own = findCommand(splitGlobals(argv)[1], (id) =>
    Object.hasOwn(commands, id) ? { id, flags: {} } : undefined,
  );
  if (!own) return await Config.load(import.meta.url);
  const root = fileURLToPath(new URL('..', import.meta.url));
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return await Config.load({ root, pjson: { ...pjson, oclif: { ...pjson.oclif, plugins: [] } } });
}

/** gocker's own commands as the manifest describes them; those of plugins are read by oclif's rules alone. */
function ownCommand(config: Config, id: string): CommandShape | undefined {
  const command = config.findCommand(id);
  return command?.pluginName === config.name ? (command as CommandShape) : undefined;
}

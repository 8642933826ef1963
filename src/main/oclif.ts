/** Where oclif decides: help, commands of plugins, and all commands once a user has added plugins. */
import type { Interfaces } from '@oclif/core';
import type { Command } from '@oclif/core/command';
import { Config } from '@oclif/core/config';
import { run } from '@oclif/core/run';
import { type CommandShape, prepareArgv } from '../cli/argv.ts';
import { type CommandClass, commands as loads } from '../commands/index.ts';
import { hideFromOthers, type OwnCommand } from './own-command.ts';
import { ownPackage } from './own-config.ts';

/** What package.json names to oclif. Each is there before its class is loaded, which happens when it runs. */
export const commands: Record<string, Command.Class> = Object.fromEntries(
  Object.keys(loads).map((id) => [id, standIn(id)]),
);

/** Runs what argv names, or shows help. `own` is the command of ours that it names. */
export async function runByOclif(argv: string[], own: OwnCommand | undefined): Promise<void> {
  if (own) commands[own.shape.id] = own.Command;
  const config = await Config.load(own ? ownPackage() : import.meta.url);
  const prepared = prepareArgv(argv, (id) => ownShape(config, id)).argv;
  hideFromOthers(prepared);
  await run(prepared, config);
}

/** gocker's own commands as the manifest describes them; those of plugins are read by oclif's rules alone. */
function ownShape(config: Config, id: string): CommandShape | undefined {
  const command = config.findCommand(id);
  return command?.pluginName === config.name ? (command as CommandShape) : undefined;
}

/** The class of a command. */
export async function loadCommand(id: string): Promise<CommandClass> {
  const { default: Loaded } = await loads[id]!();
  return Loaded;
}

/** All that oclif asks of a class which it finds described in the manifest. */
function standIn(id: string): Command.Class {
  const run = async (argv?: string[], config?: Interfaces.LoadOptions) =>
    (await loadCommand(id)).run(argv, config);
  return { id, run } as Command.Class;
}

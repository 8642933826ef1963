import { type CommandShape, findCommand, splitGlobals } from '../cli/argv.ts';
import { isHidden } from '../cli/value.ts';
import { type CommandClass, commands } from '../commands/index.ts';

/** One of gocker's own commands. */
export interface OwnCommand {
  shape: CommandShape;
  Command: CommandClass;
}

/** The command of ours that argv names; loads it. */
export async function findOwn(argv: string[]): Promise<OwnCommand | undefined> {
  const find = (id: string) => (Object.hasOwn(commands, id) ? { id, flags: {} } : undefined);
  const named = findCommand(splitGlobals(argv)[1], find);
  if (!named) return undefined;
  const { default: Command } = await commands[named.id]!();
  const flags = { ...Command.baseFlags, ...Command.flags } as CommandShape['flags'];
  return { shape: { id: named.id, flags, passThrough: Command.passThrough }, Command };
}

/** oclif shows `process.argv` to whoever debugs it. */
export function hideFromOthers(prepared: string[]): void {
  if (prepared.some(isHidden)) process.argv.splice(2);
}

import { type CommandShape, findCommand, splitGlobals } from '../cli/argv.ts';

const RUN = ['run', 'container:run'];

/** True when the argv asks for a container to be run, as far as its first words tell; that it only asks for help does no harm. */
export function runsContainer(argv: string[]): boolean {
  const find = (id: string): CommandShape | undefined => (RUN.includes(id) ? { id, flags: {} } : undefined);
  return findCommand(splitGlobals(argv)[1], find) !== undefined;
}

import { type CommandShape, findCommand, splitGlobals } from '../cli/argv.ts';

const RUN = ['run', 'container:run'];

/** Where a monitor looks after the container, init is its child; ours would stand by for nothing. */
const OF_MONITOR = /^(-[itP]*d[itP]*|--detach(=.*)?|--detach-keys(=.*)?|--restart(=.*)?)$/;

/** True when the argv asks for a container to be run, as far as its words tell; that it only asks for help does no harm. */
export function runsContainer(argv: string[]): boolean {
  const find = (id: string): CommandShape | undefined => (RUN.includes(id) ? { id, flags: {} } : undefined);
  if (argv.some((word) => OF_MONITOR.test(word))) return false;
  return findCommand(splitGlobals(argv)[1], find) !== undefined;
}

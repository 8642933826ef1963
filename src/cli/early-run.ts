import type { CommandShape } from './argv.ts';

/** What init must know when it is started before the command is. */
export interface EarlyRun {
  runRoot: string;
  terminal: boolean;
  stdin: boolean;
}

/** Undefined unless the argv, as `prepareArgv` made it, runs a container. `env` is the caller's. */
export function earlyRun(
  prepared: { argv: string[]; command?: CommandShape },
  env: Record<string, string | undefined>,
): EarlyRun | undefined {
  const { argv, command } = prepared;
  if (command?.id !== 'run' && command?.id !== 'container:run') return undefined;
  const end = argv.indexOf('--');
  if (end === -1 || end === argv.length - 1) return undefined;
  const flags = argv.slice(0, end);
  const named = flags.find((flag) => flag.startsWith('--run-root='))?.slice('--run-root='.length);
  return {
    runRoot: named ?? env.GOCKER_RUN ?? '/run/gocker',
    terminal: flags.includes('--tty'),
    stdin: flags.includes('--interactive'),
  };
}

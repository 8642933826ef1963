import type { Config } from '@oclif/core/config';
import { prepareArgv } from '../cli/argv.ts';
import { describeError } from '../cli/report.ts';
import { findOwn, hideFromOthers, type OwnCommand } from './own-command.ts';
import { ownConfig } from './own-config.ts';

/** Runs the command that argv names and resolves to the exit code; errors are printed. */
export async function dispatch(argv: string[]): Promise<number> {
  let own: OwnCommand | undefined;
  try {
    own = await findOwn(argv);
    const config = own && ownConfig();
    if (!own || !config || !(await runOwn(argv, own, config))) {
      const { runByOclif } = await import('./oclif.ts');
      await runByOclif(argv, own);
    }
    return Number(process.exitCode ?? 0);
  } catch (error) {
    const { text, exitCode } = describeError(error, {
      command: own?.shape.id.replaceAll(':', ' '),
      failureExit: own?.Command.failureExit,
      debug: process.env.GOCKER_DEBUG === '1',
    });
    process.stderr.write(text);
    return exitCode;
  }
}

/**
 * What oclif would do where nobody but gocker brings commands and hooks, without reading what a hundred commands look like:
 * a fifth of the time of `ps`. False when help is asked for, which is oclif's.
 */
async function runOwn(argv: string[], { shape, Command }: OwnCommand, config: Config): Promise<boolean> {
  const prepared = prepareArgv(argv, (id) => (id === shape.id ? shape : undefined)).argv;
  const words = prepared.slice(shape.id.split(':').length);
  if (words[0] === '--help') return false;
  hideFromOthers(prepared);
  Command.id = shape.id;
  await Command.start(words, config);
  return true;
}

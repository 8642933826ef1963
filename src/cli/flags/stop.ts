import type { StopOptions } from '../../engine.ts';
import { parseInteger, text } from '../flags.ts';

/** How `stop` and `restart` end a program. */
export const stopFlags = {
  timeout: text({
    char: 't',
    aliases: ['time'],
    description: 'seconds until SIGKILL, -1 for never',
    helpValue: 'SECONDS',
  }),
  signal: text({ char: 's', description: "in place of the container's stop signal", helpValue: 'SIGNAL' }),
};

/** Throws a UsageError for a time that is no number. */
export function readStopFlags(flags: {
  timeout?: string | undefined;
  signal?: string | undefined;
}): StopOptions {
  return {
    ...(flags.timeout === undefined ? {} : { timeout: parseInteger(flags.timeout, '--timeout', -1) }),
    ...(flags.signal === undefined ? {} : { signal: flags.signal }),
  };
}

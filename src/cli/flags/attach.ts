import { boolean } from '@oclif/core/flags';
import { UsageError } from '../../errors.ts';
import { DEFAULT_DETACH_KEYS } from '../detach-keys.ts';
import { text, texts } from '../flags.ts';

export const signalFlag = {
  'sig-proxy': boolean({ description: 'hand signals on to the program', default: true, allowNo: true }),
};

/** How a terminal is connected to a program in the background. */
export const attachFlags = {
  'detach-keys': text({
    description: 'keys that leave the program running',
    helpValue: 'KEYS',
    default: DEFAULT_DETACH_KEYS,
  }),
  ...signalFlag,
};

/** The same for a program that belongs to its terminal unless asked for otherwise. */
export const leaveFlag = {
  'detach-keys': text({
    description: 'keys that leave the program running, such as ctrl-p,ctrl-q; there are none without',
    helpValue: 'KEYS',
  }),
};

export const streamsFlag = {
  attach: texts({ char: 'a', description: 'show only stdout or stderr; stdin is -i', helpValue: 'STREAM' }),
};

/** What -a shows: all when it is not given. Throws a UsageError, in docker's words, for what is no stream. */
export function parseStreams(names: string[] = []): { stdout: boolean; stderr: boolean } {
  const streams = names.map((name) => name.toLowerCase());
  const bad = streams.findIndex((name) => !['stdin', 'stdout', 'stderr'].includes(name));
  if (bad !== -1) {
    const message = `invalid argument ${JSON.stringify(names[bad])} for "-a, --attach" flag`;
    throw new UsageError('INVALID_STREAM', `${message}: valid streams are STDIN, STDOUT and STDERR`);
  }
  const shows = (name: string) => streams.length === 0 || streams.includes(name);
  return { stdout: shows('stdout'), stderr: shows('stderr') };
}

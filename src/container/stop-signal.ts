import { constants } from 'node:os';
import { UsageError } from '../errors.ts';
import type { ContainerConfig } from './schema.ts';

const LARGEST = 64;
/** signal(7): the real-time signals that glibc leaves to programs. */
const RTMIN = 34;
const RTMAX = 64;

/** The number of a signal: `TERM`, `SIGTERM`, `15`, `RTMIN+3`, in any case. Throws a UsageError for what is none. */
export function parseSignal(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : numberOf(text.toUpperCase().replace(/^SIG/, ''));
  if (number !== undefined && number >= 1 && number <= LARGEST) return number;
  throw new UsageError('INVALID_SIGNAL', `invalid signal: ${JSON.stringify(text)}`, {
    hint: 'give a name such as TERM or a number from 1 to 64',
  });
}

function numberOf(name: string): number | undefined {
  const realtime = /^(RTMIN|RTMAX)(?:([+-])(\d+))?$/.exec(name);
  if (!realtime) return (constants.signals as Record<string, number>)[`SIG${name}`];
  const offset = Number(realtime[3] ?? 0) * (realtime[2] === '-' ? -1 : 1);
  const number = (realtime[1] === 'RTMIN' ? RTMIN : RTMAX) + offset;
  return number >= RTMIN && number <= RTMAX ? number : undefined;
}

/** The signal that asks the container's program to end: the user's, else the image's, else SIGTERM. */
export function stopSignalOf({ stopSignal, image }: ContainerConfig): number {
  return parseSignal(stopSignal ?? image.stopSignal ?? 'SIGTERM');
}

import type { Ulimit } from '../../runtime/settings.ts';
import { invalidArgument } from './invalid.ts';

/** Those that docker knows (go-units, ulimit.go). */
const NAMES =
  'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(
    ' ',
  );

/** `NAME=SOFT[:HARD]`; -1 is no limit, and one number is both. Throws a UsageError. */
export function parseUlimit(text: string): Ulimit {
  const invalid = (why: string) =>
    invalidArgument('--ulimit', text, {
      why,
      hint: 'write NAME=SOFT or NAME=SOFT:HARD, as in nofile=1024:2048',
    });
  const [name = '', values = '', ...more] = text.split('=');
  if (more.length > 0 || values === '') throw invalid('it is not NAME=SOFT[:HARD]');
  if (!NAMES.includes(name)) throw invalid(`invalid ulimit type: ${name}; there are ${NAMES.join(', ')}`);
  const [soft = '', hard = soft, ...rest] = values.split(':');
  if (rest.length > 0) throw invalid('too many limits, there are soft and hard');
  const limits = { soft: parseLimit(soft), hard: parseLimit(hard) };
  if (Number.isNaN(limits.soft) || Number.isNaN(limits.hard))
    throw invalid('a limit is a whole number, or -1');
  const above = limits.hard >= 0 && (limits.soft < 0 || limits.soft > limits.hard);
  if (above) throw invalid(`the soft limit must be at most the hard limit: ${soft} > ${hard}`);
  return { name, ...limits };
}

function parseLimit(text: string): number {
  const value = /^(-1|\d+)$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

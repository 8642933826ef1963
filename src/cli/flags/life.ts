/** What `run` and `create` are told of a container's life: its end, its log, its health. */
import { boolean, custom } from '@oclif/core/flags';
import type { CreateOptions } from '../../engine.ts';
import { UsageError } from '../../errors.ts';
import { parseDuration } from '../duration.ts';
import { parseInteger } from '../flags.ts';
import { findInitProgram } from '../init-program.ts';
import { parseLogFlags } from '../log-options.ts';
import { unescapeValue } from '../value.ts';

const text = custom<string>({ parse: async (input) => unescapeValue(input) });

const HEALTH = 'HEALTH';
const LIFE = 'LIFE';

export const lifeFlags = {
  restart: text({
    description: 'when to start the program again: no, on-failure[:N], always or unless-stopped',
    helpValue: 'POLICY',
    helpGroup: LIFE,
  }),
  'stop-signal': text({
    description: 'signal that asks the program to end',
    helpValue: 'SIGNAL',
    helpGroup: LIFE,
  }),
  'stop-timeout': text({
    description: 'seconds that stop waits before SIGKILL',
    helpValue: 'SECONDS',
    helpGroup: LIFE,
  }),
  init: boolean({ description: 'run catatonit or tini as PID 1, which reaps processes', helpGroup: LIFE }),
  cidfile: text({ description: 'write the ID to a file, which must not exist yet', helpValue: 'FILE' }),
  'log-driver': text({
    description: 'what keeps the output: json-file, journald or none',
    options: ['json-file', 'journald', 'none'],
    helpGroup: LIFE,
  }),
  'log-opt': custom<string>({ parse: async (input) => unescapeValue(input) })({
    description: 'max-size and max-file of json-file, as in max-size=10m',
    helpValue: 'KEY=VALUE',
    helpGroup: LIFE,
    multiple: true,
    multipleNonGreedy: true,
  }),
  'health-cmd': text({
    description: 'line of shell that tells whether it is well',
    helpValue: 'LINE',
    helpGroup: HEALTH,
  }),
  'health-interval': text({ description: 'time between two checks', helpValue: 'TIME', helpGroup: HEALTH }),
  'health-timeout': text({ description: 'longest time for one check', helpValue: 'TIME', helpGroup: HEALTH }),
  'health-retries': text({
    description: 'failures that make it unhealthy',
    helpValue: 'N',
    helpGroup: HEALTH,
  }),
  'health-start-period': text({
    description: 'time to start in, when failures do not count',
    helpValue: 'TIME',
    helpGroup: HEALTH,
  }),
  'health-start-interval': text({
    description: 'time between two checks while it starts',
    helpValue: 'TIME',
    helpGroup: HEALTH,
  }),
  'no-healthcheck': boolean({ description: 'no health check, whatever the image says', helpGroup: HEALTH }),
};

export type LifeValues = {
  [Name in Exclude<keyof typeof lifeFlags, 'init' | 'no-healthcheck' | 'log-opt'>]?: string | undefined;
} & {
  init: boolean;
  'no-healthcheck': boolean;
  'log-opt'?: string[] | undefined;
};

/** The same as options of a container. Throws UsageErrors that name the flag. */
export function readLifeFlags(flags: LifeValues): Partial<CreateOptions> {
  const log = parseLogFlags(flags['log-driver'], flags['log-opt'] ?? []);
  const health = readHealthFlags(flags);
  return {
    ...(flags.restart === undefined ? {} : { restart: parseRestart(flags.restart) }),
    ...(flags['stop-signal'] === undefined ? {} : { stopSignal: flags['stop-signal'] }),
    ...(flags['stop-timeout'] === undefined
      ? {}
      : { stopTimeout: parseInteger(flags['stop-timeout'], '--stop-timeout', -1) }),
    ...(log ? { log } : {}),
    ...(Object.keys(health).length > 0 ? { health } : {}),
    ...(flags.init ? { initProgram: findInitProgram(process.env.PATH ?? '') } : {}),
  };
}

function readHealthFlags(flags: LifeValues): NonNullable<CreateOptions['health']> {
  const time = (
    flag: 'health-interval' | 'health-timeout' | 'health-start-period' | 'health-start-interval',
  ) => parseDuration(flags[flag]!, `--${flag}`);
  return {
    ...(flags['no-healthcheck'] ? { none: true } : {}),
    ...(flags['health-cmd'] === undefined ? {} : { command: flags['health-cmd'] }),
    ...(flags['health-interval'] === undefined ? {} : { interval: time('health-interval') }),
    ...(flags['health-timeout'] === undefined ? {} : { timeout: time('health-timeout') }),
    ...(flags['health-start-period'] === undefined ? {} : { startPeriod: time('health-start-period') }),
    ...(flags['health-start-interval'] === undefined ? {} : { startInterval: time('health-start-interval') }),
    ...(flags['health-retries'] === undefined
      ? {}
      : { retries: parseInteger(flags['health-retries'], '--health-retries', 0) }),
  };
}

/** `no`, `always`, `unless-stopped`, `on-failure`, `on-failure:3` (docker run reference, --restart). */
export function parseRestart(text: string): NonNullable<CreateOptions['restart']> {
  const [policy = '', count, ...rest] = text.split(':');
  const isKnown =
    policy === 'no' || policy === 'always' || policy === 'unless-stopped' || policy === 'on-failure';
  if (!isKnown || rest.length > 0 || (count !== undefined && policy !== 'on-failure')) {
    throw new UsageError('INVALID_RESTART', `invalid restart policy ${JSON.stringify(text)}`, {
      hint: 'give no, on-failure, on-failure:N, always or unless-stopped',
    });
  }
  // docker takes 0 for any number of times.
  const max = count === undefined ? 0 : parseInteger(count, '--restart on-failure', 0);
  return max === 0 ? { policy } : { policy, max };
}

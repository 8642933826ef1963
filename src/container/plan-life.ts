import { UsageError } from '../errors.ts';
import type { ImageRunConfig } from '../image/types.ts';
import type { CreateOptions } from './plan.ts';
import type { ContainerConfig, HealthConfig } from './schema.ts';
import { parseSignal } from './stop-signal.ts';

/** Health checks as `run` is told them. Times in milliseconds. */
export interface HealthOptions {
  /** A line for /bin/sh in the container. */
  command?: string;
  interval?: number;
  timeout?: number;
  startPeriod?: number;
  startInterval?: number;
  retries?: number;
  /** None at all, whatever the image says. */
  none?: boolean;
}

/** docker's (moby, daemon/health.go). */
const DEFAULT_HEALTH = {
  interval: 30_000,
  timeout: 30_000,
  startPeriod: 0,
  startInterval: 5_000,
  retries: 3,
};
const NANOSECONDS = 1e6;

type Life = Pick<
  ContainerConfig,
  'restart' | 'stopSignal' | 'stopTimeout' | 'log' | 'health' | 'initProgram' | 'stdinOnce'
>;

/** What a container's record says of its end, its log and its health. Throws UsageErrors for what cannot be. */
export function planLife(options: CreateOptions, image: ImageRunConfig): Life {
  const { restart, stopSignal, stopTimeout, log, initProgram, remove, stdin, detached } = options;
  if (remove && restart && restart.policy !== 'no') {
    throw new UsageError('RESTART_AND_REMOVE', '--rm and --restart contradict each other', {
      hint: 'leave one of them out',
    });
  }
  if (stopSignal !== undefined) parseSignal(stopSignal);
  const health = planHealth(options.health ?? {}, image.Healthcheck);
  return {
    ...(restart ? { restart } : {}),
    ...(stopSignal === undefined ? {} : { stopSignal }),
    ...(stopTimeout === undefined ? {} : { stopTimeout }),
    ...(log ? { log } : {}),
    ...(health ? { health } : {}),
    ...(initProgram === undefined ? {} : { initProgram }),
    ...(stdin && !detached ? { stdinOnce: true } : {}),
  };
}

/** The user's word, then the image's, then docker's defaults; a time of zero is none (OCI-like, docker image spec v1.2). */
export function planHealth(
  user: HealthOptions,
  image: ImageRunConfig['Healthcheck'],
): HealthConfig | undefined {
  if (user.none) {
    if (Object.values(user).filter((value) => value !== undefined).length > 1) {
      throw new UsageError('NO_HEALTHCHECK', '--no-healthcheck contradicts the other health options', {
        hint: 'leave it or them out',
      });
    }
    return undefined;
  }
  const test = user.command === undefined ? (image?.Test ?? []) : ['CMD-SHELL', user.command];
  if (test.length === 0 || test[0] === 'NONE') return undefined;
  const given = (own: number | undefined, nanoseconds: number | undefined, fallback: number) =>
    own || (nanoseconds ?? 0) / NANOSECONDS || fallback;
  return {
    test,
    interval: given(user.interval, image?.Interval, DEFAULT_HEALTH.interval),
    timeout: given(user.timeout, image?.Timeout, DEFAULT_HEALTH.timeout),
    startPeriod: given(user.startPeriod, image?.StartPeriod, DEFAULT_HEALTH.startPeriod),
    startInterval: given(user.startInterval, image?.StartInterval, DEFAULT_HEALTH.startInterval),
    retries: user.retries || image?.Retries || DEFAULT_HEALTH.retries,
  };
}

import { isDeepStrictEqual } from 'node:util';
import type { ImageRunConfig } from '../../image/types.ts';
import { baseEnv } from '../env.ts';
import { planHealth } from '../plan-life.ts';
import type { ContainerConfig } from '../schema.ts';

const NANOSECONDS = 1e6;

/** What an image of the container says of its program: as its own image does, with what the user has said over that. */
export function imageConfigOf(config: ContainerConfig, image: ImageRunConfig): ImageRunConfig {
  const { process, entrypointLength, labels, stopSignal } = config;
  const { Entrypoint: _entrypoint, Cmd: _cmd, ...rest } = image;
  const health = healthOf(config, image);
  return {
    ...rest,
    ...said('Env', ownEnv(config, image)),
    ...said('Entrypoint', process.args.slice(0, entrypointLength)),
    ...said('Cmd', process.args.slice(entrypointLength)),
    ...(process.cwd !== '/' || image.WorkingDir ? { WorkingDir: process.cwd } : {}),
    ...(process.user || image.User ? { User: process.user } : {}),
    ...(Object.keys(labels).length > 0 ? { Labels: labels } : {}),
    ...(stopSignal ? { StopSignal: stopSignal } : {}),
    ...(health ? { Healthcheck: health } : {}),
  };
}

function said<K extends string>(key: K, values: string[]): Partial<Record<K, string[]>> {
  return values.length > 0 ? ({ [key]: values } as Record<K, string[]>) : {};
}

/** Without what every container gets anew. */
function ownEnv({ process, hostname }: ContainerConfig, { Env = [] }: ImageRunConfig): string[] {
  const given = baseEnv({ hostname, terminal: process.terminal });
  return process.env.filter((entry) => Env.includes(entry) || !given.includes(entry));
}

/** The record does not say who wanted the checks: where the image alone gives the same ones, they are left as it has them. */
function healthOf({ health }: ContainerConfig, image: ImageRunConfig): ImageRunConfig['Healthcheck'] {
  const own = planHealth({}, image.Healthcheck);
  if (isDeepStrictEqual(health, own)) return image.Healthcheck;
  if (!health) return { Test: ['NONE'] };
  return {
    Test: health.test,
    Interval: health.interval * NANOSECONDS,
    Timeout: health.timeout * NANOSECONDS,
    StartPeriod: health.startPeriod * NANOSECONDS,
    StartInterval: health.startInterval * NANOSECONDS,
    Retries: health.retries,
  };
}

/** What `inspect` shows of a container's life: restarts, logs, health, how it is to be stopped. */
import type { ContainerConfig, ContainerState, HealthConfig } from '../schema.ts';

const NANOSECONDS = 1e6;

/** Parts of the Engine API's HostConfig. */
export function inspectCare({ restart, log, initProgram }: ContainerConfig) {
  const isFile = log === undefined || log.driver === 'json-file';
  return {
    LogConfig: {
      Type: log?.driver ?? 'json-file',
      Config: isFile && log ? { 'max-size': String(log.maxSize), 'max-file': String(log.maxFiles) } : {},
    },
    RestartPolicy: { Name: restart?.policy ?? 'no', MaximumRetryCount: restart?.max ?? 0 },
    ...(initProgram === undefined ? {} : { Init: true }),
  };
}

/** Parts of its Config. */
export function inspectWishes({ image, stopSignal, stopTimeout, health, stdinOnce }: ContainerConfig) {
  const signal = stopSignal ?? image.stopSignal;
  return {
    StdinOnce: stdinOnce ?? false,
    ...(health && { Healthcheck: inspectHealthcheck(health) }),
    ...(signal === undefined ? {} : { StopSignal: signal }),
    ...(stopTimeout === undefined ? {} : { StopTimeout: stopTimeout }),
  };
}

function inspectHealthcheck({ test, interval, timeout, startPeriod, startInterval, retries }: HealthConfig) {
  return {
    Test: test,
    Interval: interval * NANOSECONDS,
    Timeout: timeout * NANOSECONDS,
    StartPeriod: startPeriod * NANOSECONDS,
    StartInterval: startInterval * NANOSECONDS,
    Retries: retries,
  };
}

/** A part of its State, for containers with health checks. */
export function inspectHealth({ health }: ContainerState) {
  if (!health) return {};
  const log = health.log.map(({ start, end, exitCode, output }) => ({
    Start: start,
    End: end,
    ExitCode: exitCode,
    Output: output,
  }));
  return { Health: { Status: health.status, FailingStreak: health.failingStreak, Log: log } };
}

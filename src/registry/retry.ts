import { setTimeout as sleepFor } from 'node:timers/promises';
import { GockerError } from '../errors.ts';
import { RegistryError } from './error.ts';

/** How patient the client is. Times are milliseconds. */
export interface RetryPolicy {
  /** How often one request is sent at the most. */
  tries: number;
  /** How often a blob may break off with less than 1 MiB between. */
  breaks: number;
  /** The most of the first wait; each further one is twice as long. */
  base: number;
  /** The longest wait, whatever a server asks for. */
  longest: number;
  /** Rejects with CANCELLED when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 to below 1. */
  random(): number;
}

export const RETRIES: RetryPolicy = {
  tries: 5,
  breaks: 5,
  base: 500,
  longest: 60_000,
  sleep,
  random: Math.random,
};

/** Where another server can be asked, this one is given up soon. */
const HURRIED = { tries: 2, longest: 1000 };
/** Waits from here on are worth a line. */
const LONG_WAIT = 3000;

export interface RetryOptions {
  policy: RetryPolicy;
  /** Somebody else can be asked: do not try for long, do not wait for long. */
  hurry?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** One line for the person, before a long wait. */
  log(message: string): void;
}

/** `retry` with the client's policy. */
export type Retry = <T>(work: () => Promise<T>, how: Pick<RetryOptions, 'hurry' | 'signal'>) => Promise<T>;

/** Errors that have been waited for already: an outer `retry` hands them on. */
const givenUp = new WeakSet<RegistryError>();

/**
 * Does it until it succeeds, fails for good, or has failed `tries` times. Only transient RegistryErrors are tried again:
 * 408, 429, 5xx, timeouts, connections that break. Waits grow exponentially, each by a random part of it; Retry-After
 * counts up to `longest`.
 */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { policy, hurry, signal, log } = options;
  const { tries } = hurry ? { tries: Math.min(policy.tries, HURRIED.tries) } : policy;
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error)) throw error;
      const wait = waitAfter(error, tried, policy);
      if (tried >= tries || (hurry && wait > HURRIED.longest)) {
        givenUp.add(error);
        throw error;
      }
      if (wait >= LONG_WAIT) log(`${error.message}; trying again in ${Math.ceil(wait / 1000)} s`);
      await policy.sleep(wait, signal);
    }
  }
}

/** True for an error that another try may not meet. */
export function isTransient(error: unknown): error is RegistryError {
  return error instanceof RegistryError && error.transient && !givenUp.has(error);
}

/** Milliseconds before the next try. A later wait is never shorter: half of each is fixed, half is chance. */
export function backoff(tried: number, { base, longest, random }: RetryPolicy): number {
  const most = base * 2 ** (tried - 1);
  return Math.min(longest, most / 2 + (most / 2) * random());
}

function waitAfter(error: RegistryError, tried: number, policy: RetryPolicy): number {
  return Math.min(policy.longest, Math.max(error.retryAfter ?? 0, backoff(tried, policy)));
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleepFor(ms, undefined, signal && { signal });
  } catch (error) {
    throw new GockerError('CANCELLED', 'cancelled', { cause: error });
  }
}

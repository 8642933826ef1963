import { GockerError } from '../errors.ts';
import type { Endpoint } from './endpoint.ts';

/** What says that a server is of no use for the time being, whatever it is asked for. */
const USELESS = new Set([
  'REGISTRY_UNREACHABLE',
  'REGISTRY_TIMEOUT',
  'REGISTRY_UNAVAILABLE',
  'TLS_FAILED',
  'NOT_A_REGISTRY',
  'PROXY_FAILED',
  'RATE_LIMITED',
  'DENIED',
  'UNAUTHORIZED',
]);
/** Milliseconds for which that is believed. */
const BELIEVED = 60_000;

/** Remembers who was of no use, so that not every blob of an image waits for the same dead mirror. */
export interface Health {
  /** The same endpoints, those of no use behind the others. */
  order(endpoints: readonly Endpoint[]): Endpoint[];
  failed(endpoint: Endpoint, error: unknown): void;
  served(endpoint: Endpoint): void;
}

/** `now` is a monotonic clock in milliseconds. */
export function createHealth(now: () => number = () => performance.now()): Health {
  const until = new Map<string, number>();
  const isUseless = ({ base }: Endpoint) => (until.get(base) ?? Number.NEGATIVE_INFINITY) > now();
  return {
    order: (endpoints) => [
      ...endpoints.filter((endpoint) => !isUseless(endpoint)),
      ...endpoints.filter((endpoint) => isUseless(endpoint)),
    ],
    failed: ({ base }, error) => {
      if (error instanceof GockerError && USELESS.has(error.code)) until.set(base, now() + BELIEVED);
    },
    served: ({ base }) => void until.delete(base),
  };
}

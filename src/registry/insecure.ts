import type { Endpoint } from './endpoint.ts';
import { RegistryError } from './error.ts';

/** Puts a question to an endpoint; to an insecure one over https or, when it speaks none, over plain http. */
export type Reach = <T>(endpoint: Endpoint, ask: (endpoint: Endpoint) => Promise<T>) => Promise<T>;

const NO_HTTPS = new Set(['TLS_FAILED', 'REGISTRY_UNREACHABLE', 'NOT_A_REGISTRY']);

/** A `Reach` that remembers who speaks plain http alone. Where https was never allowed to fail, it never tries anything else. */
export function createReach(): Reach {
  const plain = new Set<string>();
  return async (endpoint, ask) => {
    if (!endpoint.insecure) return ask(endpoint);
    const twin = { ...endpoint, base: endpoint.base.replace(/^https:/, 'http:'), plain: true };
    if (plain.has(endpoint.base)) return ask(twin);
    try {
      return await ask(endpoint);
    } catch (error) {
      if (!(error instanceof RegistryError) || !NO_HTTPS.has(error.code)) throw error;
      return await ask(twin).then(
        (answer) => {
          plain.add(endpoint.base);
          return answer;
        },
        (failure: unknown) => {
          if (!(failure instanceof RegistryError) || failure.status === undefined) throw error;
          plain.add(endpoint.base);
          throw failure;
        },
      );
    }
  };
}

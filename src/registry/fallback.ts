import { DigestMismatchError, GockerError } from '../errors.ts';
import type { Endpoint } from './endpoint.ts';
import { RegistryError } from './error.ts';
import type { Health } from './health.ts';

export interface Attempt<T> {
  /** Who is asked, in order. */
  endpoints: readonly Endpoint[];
  /** For messages: the image's name. */
  what: string;
  /** One line for the person, when an endpoint is passed over. */
  log(message: string): void;
  /** `hurry`: there is somebody else to ask. */
  ask(endpoint: Endpoint, how: { hurry: boolean }): Promise<T>;
  health: Health;
}

/**
 * The first answer. A mirror may say no, be away, or serve something else than what was asked: then the next one is
 * asked. When all fail, the last one's error counts, and its message says what each answered.
 */
export async function firstAnswer<T>({ endpoints, what, log, ask, health }: Attempt<T>): Promise<T> {
  const failures: { endpoint: Endpoint; error: GockerError }[] = [];
  for (const endpoint of health.order(endpoints)) {
    const hurry = failures.length < endpoints.length - 1;
    try {
      const answer = await ask(endpoint, { hurry });
      health.served(endpoint);
      return answer;
    } catch (error) {
      if (!isAnswer(error)) throw error;
      failures.push({ endpoint, error });
      health.failed(endpoint, error);
      if (hurry) log(`${endpoint.base} passed over for ${what}: ${error.message}`);
    }
  }
  throw combine(failures, what);
}

/** Cancelling and our own faults are no reason to ask somebody else. */
function isAnswer(error: unknown): error is GockerError {
  return error instanceof GockerError && error.code !== 'CANCELLED';
}

function combine(failures: { endpoint: Endpoint; error: GockerError }[], what: string): GockerError {
  const last = failures.at(-1)?.error;
  if (last === undefined) {
    return new RegistryError('NO_ENDPOINT_LEFT', `every server has served wrong bytes for ${what}`, {
      hint: 'try again later, or from another registry',
    });
  }
  if (failures.length === 1) return last;
  const list = failures.map(({ endpoint, error }) => `${endpoint.base}: ${error.message}`).join('; ');
  const message = `nobody has ${what}: ${list}`;
  if (last instanceof DigestMismatchError) {
    return new RegistryError(last.code, message, { hint: last.hint, cause: last });
  }
  const { status, registryCodes } = last instanceof RegistryError ? last : {};
  const options = {
    hint: last.hint,
    status,
    registryCodes: registryCodes && [...registryCodes],
    cause: last,
  };
  return new RegistryError(last.code, message, options);
}

import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';
import { RegistryError } from './error.ts';
import type { HttpResponse } from './http.ts';
import { explainNetworkError } from './network-error.ts';

export interface BodyLimits {
  /** What it is, for messages: `blob sha256:...`. */
  what: string;
  /** Exactly so many bytes must come; Infinity where nobody has said how many. */
  bytes: number;
  /** Milliseconds that may pass with next to nothing coming while the reader waits. */
  progress: number;
}

/** Bytes that must come within `progress` at the least: a server that drips would never end, and nobody else be asked. */
const TRICKLE = 4096;

/**
 * The body as a stream that fails with a GockerError when a byte too many comes, when it ends early, when the network
 * breaks, or when next to nothing comes for a while. A slow reader is no reason to fail. Destroying it closes the connection.
 */
export function guardBody(response: HttpResponse, limits: BodyLimits): Transform {
  const { body, url } = response;
  let received = 0;
  const guard = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      if (received > limits.bytes) done(tooLong(url, limits));
      else done(null, chunk);
    },
    flush(done) {
      done(
        received === limits.bytes || limits.bytes === Number.POSITIVE_INFINITY
          ? null
          : tooShort(url, limits, received),
      );
    },
  });
  const stopWatching = watch(guard, { received: () => received, url, ...limits });
  guard.once('close', () => {
    stopWatching();
    body.destroy();
  });
  connect(body, guard, url);
  return guard;
}

/** Like `pipeline`, but the guard's error is one for people. */
function connect(body: Readable, guard: Transform, url: URL): void {
  const fail = (error: unknown) => guard.destroy(explainNetworkError(error, url));
  const closed = () => {
    if (!body.readableEnded) fail(body.errored ?? Object.assign(new Error('cut'), { code: 'ECONNRESET' }));
  };
  if (body.destroyed) {
    closed();
    return;
  }
  body.once('error', fail);
  body.once('close', closed);
  body.pipe(guard);
}

/** Fails the guard when it has waited for its source for `progress` ms; while its reader is behind, nobody waits. */
function watch(guard: Transform, state: BodyLimits & { received(): number; url: URL }): () => void {
  let [seen, idle] = [0, 0];
  const step = state.progress / 4;
  const timer = setInterval(() => {
    const behind = guard.readableLength > 0 || guard.writableNeedDrain;
    const flows = state.received() - seen >= Math.min(TRICKLE, state.bytes - seen);
    if (behind || flows) [seen, idle] = [state.received(), 0];
    else idle += step;
    if (idle >= state.progress) guard.destroy(stalled(state, state.received() - seen));
  }, step);
  timer.unref();
  return () => clearInterval(timer);
}

function stalled({ url, what, progress }: BodyLimits & { url: URL }, came: number): RegistryError {
  const sent = came === 0 ? 'nothing' : `only ${came} bytes`;
  return new RegistryError('REGISTRY_TIMEOUT', `${what}: ${sent} came from ${url.host} for ${progress} ms`, {
    url,
    transient: true,
    hint: 'check the network and the registry, then try again',
  });
}

const DAMAGED = 'the copy on that server is damaged; try again later or from another registry';

function tooLong({ host }: URL, { what, bytes }: BodyLimits): RegistryError {
  const message = `${what}: expected ${bytes} bytes, ${host} sent more than ${bytes}`;
  return new RegistryError('SIZE_MISMATCH', message, { hint: DAMAGED });
}

/** What is missing may come when it is asked for. */
function tooShort({ host }: URL, { what, bytes }: BodyLimits, received: number): RegistryError {
  const message = `${what}: expected ${bytes} bytes, ${host} sent only ${received}`;
  return new RegistryError('SIZE_MISMATCH', message, { hint: DAMAGED, transient: true });
}

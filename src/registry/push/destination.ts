import type { Descriptor } from '../../image/types.ts';
import type { Endpoint } from '../endpoint.ts';
import { endpointsFor } from '../endpoint.ts';
import { ask } from './session.ts';
import type { Destination, PushOptions } from './types.ts';

/** Where a push goes: to the registry itself, since mirrors take nothing. Throws REGISTRY_BLOCKED or what the network did. */
export async function findDestination(
  options: PushOptions,
  blobs: readonly Descriptor[],
  signal: AbortSignal,
): Promise<Destination> {
  const { connection, reference } = options;
  const endpoint = endpointsFor(reference, { ...connection.settings, mirrors: {} }).at(-1)!;
  const repository = endpoint.repository ?? reference.path;
  // Where repositories have other names than here, nobody knows the others'.
  const isRenamed = repository !== reference.path;
  const from = isRenamed ? [] : [...new Set(blobs.flatMap(({ digest }) => options.sourcesOf(digest)))];
  const destination = { connection, endpoint, repository, push: { from }, signal };
  return endpoint.insecure ? reach(destination, endpoint) : destination;
}

/** Whether https or plain http is spoken there is found out once. */
async function reach(destination: Destination, endpoint: Endpoint): Promise<Destination> {
  const { connection, signal } = destination;
  const accept = [200, 401, 403, 404];
  const greet = async (there: Endpoint) => {
    const reached = { ...destination, endpoint: there };
    await ask(reached, { what: 'registry', path: 'tags/list', method: 'GET', accept });
    return reached;
  };
  return connection.retry(() => connection.reach(endpoint, greet), { signal });
}

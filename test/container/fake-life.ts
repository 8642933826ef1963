/** Containers whose processes, snapshots and networks are lists, for the tests of their life. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { listContainers } from '../../src/container/list.ts';
import type { CreateOptions } from '../../src/container/plan.ts';
import { type RunningContainer, runContainer } from '../../src/container/run.ts';
import { type FakeContext, fakeImage } from './fake-context.ts';

/** Many of the programs never end, and each listens to them. */
export const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
for (const stream of Object.values(streams)) stream.setMaxListeners(0);

export function runIn(context: FakeContext, options: CreateOptions = {}): Promise<RunningContainer> {
  const request = { options, image: fakeImage(), reference: 'alpine', storageDriver: 'fake' };
  return runContainer(context, request, streams);
}

/** `NAME STATUS EXITCODE` of each. */
export async function statesIn(context: FakeContext): Promise<string[]> {
  const { containers } = await listContainers(context);
  return containers.map(({ config, state }) => `${config.name} ${state.status} ${state.exitCode ?? '-'}`);
}

/** Names of everything below the root that is about a container. */
export function tracesIn(context: FakeContext): string[] {
  const names = (folder: string) =>
    readdirSync(join(context.root, folder)).filter((name) => name !== '.lock');
  return [...names('containers'), ...names('names'), ...context.snapshots, ...context.attached];
}

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CreateRequest } from '../../../src/container/create.ts';
import type { MountRequest } from '../../../src/container/plan/schema.ts';
import type { CreateOptions } from '../../../src/container/plan.ts';
import type { ImageRunConfig } from '../../../src/image/types.ts';
import { fakeImage } from '../fake-context.ts';

/** A container of a fake image. */
export function request(options: CreateOptions, image: ImageRunConfig = {}): CreateRequest {
  return { options, image: fakeImage({ Cmd: ['sh'], ...image }), reference: 'alpine', storageDriver: 'fake' };
}

/** `-v SOURCE:DESTINATION`. */
export function named(source: string, destination: string, more: Partial<MountRequest> = {}): MountRequest {
  return { text: `${source}:${destination}`, type: 'volume', source, destination, ...more };
}

/** `-v DESTINATION`. */
export function unnamed(destination: string): MountRequest {
  return { text: destination, type: 'volume', destination };
}

/** What stands in the folder of volumes. */
export function volumeNames(root: string): string[] {
  return existsSync(join(root, 'volumes')) ? readdirSync(join(root, 'volumes')) : [];
}

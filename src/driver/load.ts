import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GockerError } from '../errors.ts';
import type { FoundDriver } from './find.ts';
import type { CreateDriver, DriverHost, NetworkDriver, StorageDriver } from './index.ts';

const METHODS = {
  storage: ['probe', 'prepare', 'view', 'mounts', 'commit', 'stat', 'usage', 'remove', 'list'],
  network: ['probe', 'create', 'remove', 'attach', 'detach', 'prune'],
} as const;

export interface LoadOptions {
  host: DriverHost;
  /** From `--storage-opt` or `-o`. */
  options?: Record<string, string>;
}

/** Runs the driver's module and creates the driver. Throws DRIVER_FAILED, which says who declared it and what is wrong. */
export async function loadStorageDriver(found: FoundDriver, options: LoadOptions): Promise<StorageDriver> {
  return (await load(found, options)) as StorageDriver;
}

/** The same for a network driver. */
export async function loadNetworkDriver(found: FoundDriver, options: LoadOptions): Promise<NetworkDriver> {
  return (await load(found, options)) as NetworkDriver;
}

async function load(found: FoundDriver, { host, options = {} }: LoadOptions): Promise<unknown> {
  try {
    const module = await import(pathToFileURL(join(found.package.root, found.target)).href);
    if (typeof module.default !== 'function')
      throw new TypeError('its module has no default export that is a function');
    const driver = (module.default as CreateDriver<object>)(host, options);
    checkShape(driver, found);
    return driver;
  } catch (error) {
    if (error instanceof GockerError) throw error;
    throw failed(found, error);
  }
}

function checkShape(driver: object, { kind }: FoundDriver): void {
  const methods = driver as Record<string, unknown>;
  const missing = METHODS[kind].find((name) => typeof methods[name] !== 'function');
  if (missing !== undefined) throw new TypeError(`it has no method ${missing}`);
}

function failed({ kind, name, package: from, target }: FoundDriver, cause: unknown): GockerError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `${kind} driver ${name}, declared by ${from.name} as ${target}, failed: ${why}`;
  return new GockerError('DRIVER_FAILED', message, {
    hint: `reinstall ${from.name}, or choose another driver`,
    cause,
  });
}

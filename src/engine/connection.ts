import { readRegistrySettings } from '../registry/config.ts';
import { type Connection, createConnection } from '../registry/connection.ts';
import { machineCredentials } from '../registry/credentials.ts';
import type { Parts } from './parts.ts';

/** A connection to registries with this machine's settings and logins. */
export async function connect({ log, userAgent }: Pick<Parts, 'log' | 'userAgent'>): Promise<Connection> {
  const settings = await readRegistrySettings();
  return createConnection({ settings, credentials: machineCredentials({ log }), userAgent, log });
}

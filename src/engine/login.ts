import { readRegistrySettings } from '../registry/config.ts';
import { eraseLogin } from '../registry/credential-store.ts';
import { machineCredentials } from '../registry/credentials.ts';
import { type LoginResult, login, loginKey } from '../registry/login.ts';
import type { Parts } from './parts.ts';

export type { LoginResult } from '../registry/login.ts';

export interface LoginRequest {
  /** `HOST[:PORT]`, also with `http(s)://`; Docker Hub when absent. */
  registry?: string | undefined;
  username: string;
  password: string;
}

export interface LogoutResult {
  /** `docker.io`, `HOST[:PORT]`. */
  registry: string;
  /** There was something to forget. */
  found: boolean;
  /** Another place that has a login for the registry, and keeps it. */
  remaining: string | undefined;
}

/** Throws UNAUTHORIZED when the registry refuses the login; nothing is stored then. */
export async function loginTo(
  { userAgent, log, syscalls }: Pick<Parts, 'userAgent' | 'log' | 'syscalls'>,
  request: LoginRequest,
): Promise<LoginResult> {
  const settings = await readRegistrySettings();
  return login({ ...request, settings, env: process.env, syscalls, userAgent, log });
}

export async function logoutFrom(
  { syscalls }: Pick<Parts, 'syscalls'>,
  typed: string | undefined,
): Promise<LogoutResult> {
  const registry = loginKey(typed);
  const { found } = await eraseLogin(registry, { env: process.env, syscalls });
  const left = await machineCredentials()(registry);
  return { registry, found, remaining: left?.source };
}

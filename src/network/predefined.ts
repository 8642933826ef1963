/** The networks that are always there, by docker's names. */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { NETWORK_VERSION, type NetworkRecord } from './schema.ts';

export const PREDEFINED = ['bridge', 'host', 'none'] as const;

/** True for a name whose network nobody makes or removes. */
export function isPredefined(name: string): boolean {
  return (PREDEFINED as readonly string[]).includes(name);
}

/**
 * A predefined network before a driver has filled it in. Its ID is of this root and always the same: nothing need be
 * written for it to have one.
 */
export function predefinedNetwork(root: string, name: string, created: Date): NetworkRecord {
  return {
    version: NETWORK_VERSION,
    id: predefinedId(root, name),
    name,
    driver: name,
    created: created.toISOString(),
    subnets: [],
    ipv6: false,
    internal: false,
    labels: {},
    options: {},
  };
}

export function predefinedId(root: string, name: string): string {
  return createHash('sha256')
    .update(`${realPath(root)}\0${name}`)
    .digest('hex');
}

/** A root that does not exist yet has no links to follow. */
function realPath(root: string): string {
  try {
    return realpathSync(root);
  } catch {
    return root;
  }
}

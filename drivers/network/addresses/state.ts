import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DriverHost, Network } from '../../../src/driver/index.ts';
import { NotFoundError } from '../../../src/errors.ts';
import { locked } from '../../lock.ts';
import { readJSON } from '../../read-json.ts';
import { replace } from '../../replace.ts';
import { bootId } from './maker.ts';

/**
 * What a driver remembers of one network, in `networks/ID.json` below its root: the ranges that are its own, and who
 * holds which address of them. `lock` beside them is held by whoever changes any.
 */
export interface NetworkState {
  name: string;
  /** The interface of the host that belongs to it. */
  device: string;
  subnets: string[];
  /** The address handed out last, by family: the next one is looked for behind it, so that a freed one rests. */
  last: Partial<Record<4 | 6, string>>;
  /** By the container's ID. */
  leases: Record<string, Lease>;
  /** The boot that the leases are of: no container outlives it. */
  boot: string;
}

export interface Lease {
  /** Without the length of a prefix. */
  addresses: string[];
  /** The process that attached the container. */
  maker: string;
  /** Noted before anything is made there; absent where the host has the other end. */
  place?: Place;
}

/** Where a container's interface is. */
export interface Place {
  netns: string;
  inode: number;
  /** The names that it has, one after the other. */
  names: string[];
  kind: string;
}

/** Does `work` while no other process changes what this driver remembers. */
export async function withState<R>({ root, syscalls }: DriverHost, work: () => R): Promise<R> {
  mkdirSync(join(root, 'networks'), { recursive: true, mode: 0o700 });
  return locked({ syscalls }, join(root, 'lock'), { mode: 'exclusive', work });
}

/** Throws STATE_DAMAGED. */
export function findState({ root }: DriverHost, id: string): NetworkState | undefined {
  const state = readJSON<NetworkState>(pathOf(root, id));
  const boot = bootId();
  return state === undefined || state.boot === boot ? state : { ...state, boot, leases: {} };
}

/** Throws NotFoundError for a network that was never created, or is removed. */
export function requireState(host: DriverHost, { id, name }: Network): NetworkState {
  const state = findState(host, id);
  if (state) return state;
  throw new NotFoundError('NETWORK_NOT_FOUND', `network ${name} is not known to its driver`, {
    hint: 'remove it and create it again',
  });
}

/** Of all networks of this driver, by ID. */
export function allStates(host: DriverHost): Map<string, NetworkState> {
  const found = new Map<string, NetworkState>();
  for (const file of readdirSync(join(host.root, 'networks')).filter((name) => name.endsWith('.json'))) {
    const id = file.slice(0, -'.json'.length);
    const state = findState(host, id);
    if (state) found.set(id, state);
  }
  return found;
}

export function writeState({ root }: DriverHost, id: string, state: NetworkState): void {
  replace(pathOf(root, id), JSON.stringify(state));
}

export function deleteState({ root }: DriverHost, id: string): void {
  rmSync(pathOf(root, id), { force: true });
}

function pathOf(root: string, id: string): string {
  if (!/^[0-9a-f]{64}$/.test(id)) throw new TypeError(`no ID of a network: ${JSON.stringify(id)}`);
  return join(root, 'networks', `${id}.json`);
}

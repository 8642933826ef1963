/**
 * What every driver must do, as cases that any test runner can run: `import {storageCases} from 'gocker/driver/testing'`.
 *
 *     for (const {name, run} of storageCases({module: '/path/of/driver.js'})) test(name, run);
 *
 * A case rejects when the driver does not keep to the contract. Cases make their own folders, processes and namespaces and
 * take them away again; they need root.
 */

import { attachCases } from './network-attach.ts';
import { basicCases } from './storage-basic.ts';
import { crashCases } from './storage-crash.ts';
import { raceCases } from './storage-races.ts';
import { treeCases } from './storage-trees.ts';
import type { Case, NetworkSubject, StorageSubject } from './types.ts';

export { liveThrough } from './life.ts';
export type { Case, NetworkSubject, StorageSubject } from './types.ts';

/** The cases of a storage driver, which is loaded from its module. */
export function storageCases(subject: StorageSubject): Case[] {
  return [basicCases, treeCases, raceCases, crashCases].flatMap((cases) => cases(subject));
}

/** The cases of a network driver. They make networks: run them where those are in nobody's way. */
export function networkCases(subject: NetworkSubject): Case[] {
  return attachCases(subject);
}

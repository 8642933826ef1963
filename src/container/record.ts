import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { GenericSchema, InferOutput } from 'valibot';
import { GockerError, hasCode } from '../errors.ts';
import { type AtomicOptions, writeFileAtomic } from '../store/atomic.ts';
import { namesIn } from '../store/names-in.ts';
import { type RecordKind, readRecord, recordDamaged } from '../store/record.ts';
import { directoryOf, parseStaged, type Staged } from './paths.ts';
import {
  type Container,
  type ContainerConfig,
  type ContainerState,
  configSchema,
  RECORD_VERSION,
  stateSchema,
} from './schema.ts';

const ID = /^[0-9a-f]{64}$/;
const HINT = 'remove the container with: gocker rm -f ID';
const CONFIG = { schema: configSchema, version: RECORD_VERSION, hint: HINT };
const STATE = { schema: stateSchema, version: RECORD_VERSION, hint: HINT };

/** What stands below `containers/`: whole ones, and those whose making or removal is not finished. */
export interface ContainerDirectories {
  ids: string[];
  staged: Staged[];
}

/**
 * Writes a container that nobody lists yet into its staged directory, which must exist. Only the config of a container
 * that is to stay waits for the disk: the state of any is told anew after a boot.
 */
export async function writeStaged(directory: string, record: Omit<Container, 'id'>): Promise<void> {
  await writeJson(join(directory, 'state.json'), record.state, { durable: false });
  await writeJson(join(directory, 'config.json'), record.config, { durable: !record.config.autoRemove });
}

/** Replaces config.json as a whole, for the few things about a container that may change. The caller holds its lock. */
export async function writeConfig(root: string, config: ContainerConfig): Promise<void> {
  await writeJson(join(directoryOf(root, config.id), 'config.json'), config, { durable: !config.autoRemove });
}

/** Replaces state.json as a whole. A container that is gone meanwhile stays gone: false. */
export async function writeState(root: string, id: string, state: ContainerState): Promise<boolean> {
  const path = join(directoryOf(root, id), 'state.json');
  try {
    await writeJson(path, state, { durable: false });
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    if (!hasCode(error, 'ENOSPC', 'EDQUOT')) throw error;
    await overwrite(path, encode(state));
    return true;
  }
}

/** A disk that is full still has the room that the file takes: how a program ended must not be lost with it. */
async function overwrite(path: string, text: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    await file.write(text.padEnd(size, '\n'), 0);
  } finally {
    await file.close();
  }
}

/** Undefined when there is no such container; a GockerError names a file that is damaged or too new. */
export async function readContainer(root: string, id: string): Promise<Container | undefined> {
  const directory = directoryOf(root, id);
  try {
    const config = readRecord(join(directory, 'config.json'), CONFIG);
    const state = readRecord(join(directory, 'state.json'), STATE);
    return { id, config, state };
  } catch (error) {
    if (hasCode(error, 'ENOENT') && !existsSync(directory)) return undefined;
    if (hasCode(error, 'ENOENT'))
      throw recordDamaged(directory, { why: 'a file is missing', hint: HINT, cause: error });
    throw error;
  }
}

/** The config in a staged directory; undefined when it cannot be read. */
export async function readStagedConfig(directory: string): Promise<ContainerConfig | undefined> {
  return readStaged(join(directory, 'config.json'), CONFIG);
}

/** The same of its state. */
export async function readStagedState(directory: string): Promise<ContainerState | undefined> {
  return readStaged(join(directory, 'state.json'), STATE);
}

function readStaged<S extends GenericSchema>(path: string, kind: RecordKind<S>): InferOutput<S> | undefined {
  try {
    return readRecord(path, kind);
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof GockerError) return undefined;
    throw error;
  }
}

export async function listDirectories(root: string): Promise<ContainerDirectories> {
  const names = namesIn(join(root, 'containers'));
  return {
    ids: names.filter((name) => ID.test(name)),
    staged: names.map(parseStaged).filter((staged) => staged !== undefined),
  };
}

async function writeJson(path: string, value: unknown, options: AtomicOptions): Promise<void> {
  await writeFileAtomic(path, encode(value), options);
}

function encode(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

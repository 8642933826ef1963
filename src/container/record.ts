import { readFileSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { GockerError, hasCode } from '../errors.ts';
import { type AtomicOptions, writeFileAtomic } from '../store/atomic.ts';
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
    const config = await readRecord(join(directory, 'config.json'), configSchema);
    const state = await readRecord(join(directory, 'state.json'), stateSchema);
    return { id, config, state };
  } catch (error) {
    if (hasCode(error, 'ENOENT') && !(await exists(directory))) return undefined;
    if (hasCode(error, 'ENOENT')) throw damaged(directory, 'a file is missing', error);
    throw error;
  }
}

/** The config in a staged directory; undefined when it cannot be read. */
export async function readStagedConfig(directory: string): Promise<ContainerConfig | undefined> {
  return await readStaged(join(directory, 'config.json'), configSchema);
}

/** The same of its state. */
export async function readStagedState(directory: string): Promise<ContainerState | undefined> {
  return await readStaged(join(directory, 'state.json'), stateSchema);
}

async function readStaged<S extends v.GenericSchema>(
  path: string,
  schema: S,
): Promise<v.InferOutput<S> | undefined> {
  try {
    return await readRecord(path, schema);
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof GockerError) return undefined;
    throw error;
  }
}

export async function listDirectories(root: string): Promise<ContainerDirectories> {
  const names = await readdir(join(root, 'containers')).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
  return {
    ids: names.filter((name) => ID.test(name)),
    staged: names.map(parseStaged).filter((staged) => staged !== undefined),
  };
}

async function readRecord<S extends v.GenericSchema>(path: string, schema: S): Promise<v.InferOutput<S>> {
  // At once: a list of hundreds of small files would wait for each of them in turn.
  const text = readFileSync(path, 'utf8');
  const json = parseJson(text, path);
  const version = (json as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > RECORD_VERSION) {
    throw new GockerError('RECORD_TOO_NEW', `${path} is of version ${version}, newer than this gocker`, {
      hint: 'use the newer gocker that wrote it, or give this one another --root',
    });
  }
  const result = v.safeParse(schema, json);
  if (!result.success) throw damaged(path, result.issues[0].message);
  return result.output;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(path, 'it is not JSON', error);
  }
}

function damaged(path: string, why: string, cause?: unknown): GockerError {
  return new GockerError('RECORD_DAMAGED', `the record ${path} is damaged: ${why}`, {
    hint: 'remove the container with: gocker rm -f ID',
    cause,
  });
}

async function writeJson(path: string, value: unknown, options: AtomicOptions): Promise<void> {
  await writeFileAtomic(path, encode(value), options);
}

function encode(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function exists(directory: string): Promise<boolean> {
  return await readdir(directory).then(
    () => true,
    () => false,
  );
}

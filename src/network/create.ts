import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConflictError, GockerError, UsageError } from '../errors.ts';
import { quoted } from '../image/printable.ts';
import type { NetworkContext } from './context.ts';
import { directoryOf, stagedOf } from './paths.ts';
import { isPredefined, predefinedId, predefinedNetwork } from './predefined.ts';
import { publishStaged, readNetwork, readNetworks, writeStaged } from './record.ts';
import { forDriver, NETWORK_VERSION, type NetworkRecord } from './schema.ts';
import { planSubnets, type SubnetOptions } from './subnets.ts';
import { finishStaged, whileNaming } from './sweep.ts';

/** docker's rule for names (moby, libnetwork/config); 64 hex digits are an ID. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;

export interface CreateNetworkOptions extends SubnetOptions {
  name: string;
  /** `bridge` when absent. */
  driver?: string;
  internal?: boolean;
  labels?: Record<string, string>;
  options?: Record<string, string>;
}

/**
 * Makes a network. Throws UsageErrors for what cannot be, a ConflictError for a taken name, and the driver's errors; nothing is
 * left of it then, or the next command takes it away.
 */
export async function createNetwork(
  context: NetworkContext,
  options: CreateNetworkOptions,
): Promise<NetworkRecord> {
  const { name, driver = 'bridge' } = options;
  checkName(name);
  if (driver === 'host' || driver === 'none' || driver === 'null') throw onlyOne(driver);
  const network: NetworkRecord = {
    version: NETWORK_VERSION,
    id: randomBytes(32).toString('hex'),
    name,
    driver,
    created: context.now().toISOString(),
    subnets: planSubnets(options),
    ipv6: options.ipv6 ?? false,
    internal: options.internal ?? false,
    labels: options.labels ?? {},
    options: options.options ?? {},
  };
  return await whileNaming(context, async () => {
    const holder = (await readNetworks(context.root)).find((one) => one.name === name);
    if (holder) throw nameTaken(holder);
    return await make(context, network);
  });
}

/** The record of the predefined bridge, which is made when it is first used. */
export async function ensurePredefined(context: NetworkContext, name: string): Promise<NetworkRecord> {
  const { root } = context;
  return await whileNaming(context, async () => {
    const recorded = readNetwork(root, predefinedId(root, name));
    return recorded ?? (await make(context, predefinedNetwork(root, name, context.now())));
  });
}

/** The staged record tells a later process what to take away when this one is killed. */
async function make(context: NetworkContext, wanted: NetworkRecord): Promise<NetworkRecord> {
  const { root } = context;
  const driver = await context.driver(wanted.driver);
  await driver.probe();
  await writeStaged(root, wanted);
  try {
    const network = { ...wanted, ...(await driver.create(forDriver(wanted))) };
    await writeStaged(root, network);
    await mkdir(join(stagedOf(root, network.id), 'endpoints'), { mode: 0o700 });
    await rm(directoryOf(root, network.id), { recursive: true, force: true });
    await publishStaged(root, network.id);
    return network;
  } catch (error) {
    // What cannot be taken away now stays staged.
    await finishStaged(context).catch(() => undefined);
    throw error;
  }
}

function checkName(name: string): void {
  if (isPredefined(name) || name === 'default') {
    throw new ConflictError(
      'NETWORK_PREDEFINED',
      `operation is not permitted on predefined ${name} network`,
      {
        hint: 'choose another name',
      },
    );
  }
  if (NAME.test(name) && !/^[0-9a-f]{64}$/.test(name)) return;
  throw new UsageError('INVALID_NETWORK_NAME', `invalid network name ${quoted(name)}`, {
    hint: 'a name is 1 to 128 letters, digits, "_", "." and "-", begins with a letter or digit, and is not an ID',
  });
}

function onlyOne(driver: string): GockerError {
  return new GockerError('ONE_INSTANCE', `only one instance of "${driver}" network is allowed`, {
    hint: `it is there already: --network ${driver === 'host' ? 'host' : 'none'}`,
  });
}

function nameTaken({ name, id }: NetworkRecord): ConflictError {
  return new ConflictError('NETWORK_EXISTS', `network with name ${name} already exists`, {
    hint: `its ID is ${id.slice(0, 12)}; remove it with: gocker network rm ${name}, or choose another name`,
  });
}

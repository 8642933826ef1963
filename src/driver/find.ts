import * as v from 'valibot';
import { GockerError, NotFoundError } from '../errors.ts';
import { check } from '../image/json.ts';
import { DRIVER_API } from './index.ts';

export type DriverKind = 'storage' | 'network';

/** What is known of an installed package; gocker itself is one of them. oclif's plugins have these fields. */
export interface DriverPackage {
  name: string;
  /** Absolute path of the package. */
  root: string;
  /** Its package.json. */
  pjson: object;
}

/** A driver that some package offers; none of its code has run. */
export interface FoundDriver {
  kind: DriverKind;
  name: string;
  package: DriverPackage;
  /** The module, relative to the package's root. */
  target: string;
}

const targets = v.optional(
  v.record(v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,63}$/)), v.string()),
  {},
);
const fieldSchema = v.object({
  api: v.number(),
  drivers: v.optional(v.object({ storage: targets, network: targets }), { storage: {}, network: {} }),
});

/**
 * The driver of that kind and name, from the `gocker.drivers` fields of the packages. Throws DRIVER_NOT_FOUND with what
 * there is, INVALID_PLUGIN when a package's field cannot be read and may have been about it, DRIVER_AMBIGUOUS when two
 * packages offer it, DRIVER_API when it was written for another gocker.
 */
export function findDriver(packages: readonly DriverPackage[], kind: DriverKind, name: string): FoundDriver {
  const all = listDrivers(packages, kind);
  const offers = all.filter((driver) => driver.name === name);
  const [first, second] = offers;
  if (first === undefined) {
    for (const one of packages) fieldOf(one);
    throw new NotFoundError('DRIVER_NOT_FOUND', `no ${kind} driver is called ${JSON.stringify(name)}`, {
      hint: `there are: ${all.map((driver) => driver.name).join(', ') || 'none'}; gocker plugins install adds others`,
    });
  }
  if (second !== undefined) {
    throw new GockerError(
      'DRIVER_AMBIGUOUS',
      `${kind} driver ${name} is offered by ${first.package.name} and by ${second.package.name}`,
      {
        hint: 'remove one of them with gocker plugins uninstall',
      },
    );
  }
  checkAPI(first);
  return first;
}

/** All drivers of a kind, for lists; those for another gocker too. A package that declares nonsense offers nothing. */
export function listDrivers(packages: readonly DriverPackage[], kind: DriverKind): FoundDriver[] {
  return packages.flatMap((one) => declared(one, kind));
}

function declared(from: DriverPackage, kind: DriverKind): FoundDriver[] {
  const { gocker } = from.pjson as { gocker?: unknown };
  if (!v.is(fieldSchema, gocker)) return [];
  const field = fieldOf(from);
  return Object.entries(field?.drivers[kind] ?? {}).map(([name, target]) => ({
    kind,
    name,
    package: from,
    target,
  }));
}

function fieldOf({ name, pjson }: DriverPackage): v.InferOutput<typeof fieldSchema> | undefined {
  const { gocker } = pjson as { gocker?: unknown };
  if (gocker === undefined) return undefined;
  return check(fieldSchema, gocker, {
    code: 'INVALID_PLUGIN',
    what: `package.json of ${name}: gocker`,
    hint: `correct it, or remove it with gocker plugins uninstall ${name}`,
  });
}

function checkAPI({ kind, name, package: from }: FoundDriver): void {
  const api = fieldOf(from)?.api;
  if (api === DRIVER_API) return;
  throw new GockerError(
    'DRIVER_API',
    `${kind} driver ${name} of ${from.name} is written for api ${api}, this gocker has ${DRIVER_API}`,
    {
      hint: `install a version of ${from.name} that fits`,
    },
  );
}

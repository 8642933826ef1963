import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { GockerError, hasCode } from '../errors.ts';
import { check } from '../image/json.ts';
import { printable } from '../image/printable.ts';
import type { RegistryRule } from './rules.ts';

/** `HOST[:PORT]`, `HOST/NAMESPACE`, `*.DOMAIN`: no scheme, no query. */
const PLACE = /^(?:(?:\*\.)?[^\s:/?#@]+|\[[0-9a-fA-F:]+\])(?::\d+)?(?:\/[^\s?#]*)?$/;
const NO_PLACE = 'not HOST[:PORT][/NAME]';
const bare = v.transform((text: string) => text.replace(/\/+$/, ''));
const place = v.pipe(v.string(), v.regex(PLACE, NO_PLACE), bare);
const anyPlace = v.pipe(
  v.string(),
  v.check((text) => text === '' || PLACE.test(text), NO_PLACE),
  bare,
);
const noPlace = v.optional(anyPlace, '');
const flag = v.optional(v.boolean(), false);

const mirrorSchema = v.object({
  location: place,
  insecure: flag,
  'pull-from-mirror': v.optional(v.picklist(['', 'all', 'digest-only', 'tag-only']), ''),
});
const registrySchema = v.object({
  prefix: noPlace,
  location: noPlace,
  insecure: flag,
  blocked: flag,
  'mirror-by-digest-only': flag,
  mirror: v.optional(v.array(mirrorSchema), []),
});
/** Version 1 of the format, which old machines still have. */
const listSchema = v.optional(v.object({ registries: v.optional(v.array(place), []) }), {});
const fileSchema = v.object({
  registry: v.optional(v.array(registrySchema), []),
  registries: v.optional(v.object({ insecure: listSchema, block: listSchema }), {}),
});

/** Where containers' tools look: the person's own file instead of the machine's, then the folder of additions. */
export interface ContainersPlaces {
  /** `/etc/containers`; holds `registries.conf` and `registries.conf.d`. */
  system: string;
  /** `~/.config/containers`. */
  user: string;
  /** CONTAINERS_REGISTRIES_CONF, which stands for all of these. */
  named?: string | undefined;
}

/**
 * The rules of containers-registries.conf(5), format 2 (and the lists of format 1), of all files; where two files have a
 * prefix in common the later one counts. Files that do not exist are no error. Throws INVALID_REGISTRIES_CONF.
 */
export async function readRegistriesConf(places: ContainersPlaces): Promise<RegistryRule[]> {
  const rules = new Map<string, RegistryRule>();
  for (const path of await filesOf(places)) {
    for (const rule of await readRules(path)) rules.set(rule.prefix, rule);
  }
  return [...rules.values()];
}

async function filesOf({ system, user, named }: ContainersPlaces): Promise<string[]> {
  if (named) return [named];
  const own = join(user, 'registries.conf');
  const main = (await exists(own)) ? own : join(system, 'registries.conf');
  const additions = await Promise.all(
    [system, user].map((folder) => list(join(folder, 'registries.conf.d'))),
  );
  return [main, ...additions.flat()];
}

async function list(folder: string): Promise<string[]> {
  const names = await orNothing(readdir(folder), folder);
  return (names ?? [])
    .filter((name) => name.endsWith('.conf'))
    .sort()
    .map((name) => join(folder, name));
}

async function exists(path: string): Promise<boolean> {
  return (await orNothing(readFile(path), path)) !== undefined;
}

async function orNothing<T>(work: Promise<T>, path: string): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw new GockerError('INVALID_REGISTRIES_CONF', `cannot read ${path}`, { cause: error });
  }
}

async function readRules(file: string): Promise<RegistryRule[]> {
  const text = await orNothing(readFile(file, 'utf8'), file);
  if (text === undefined) return [];
  const about = { code: 'INVALID_REGISTRIES_CONF', what: file, hint: HINT };
  const { registry, registries } = check(fileSchema, await parseTOML(text, file), about);
  const rules = registry.map((one, at) => toRule(one, { file, at }));
  const simple = { location: '', insecure: false, blocked: false, mirrors: [], file };
  const insecure = registries.insecure.registries.map((prefix) => ({ ...simple, prefix, insecure: true }));
  const blocked = registries.block.registries.map((prefix) => ({ ...simple, prefix, blocked: true }));
  return [...insecure, ...blocked, ...rules];
}

const HINT = 'the format is described in containers-registries.conf(5)';

async function parseTOML(text: string, file: string): Promise<unknown> {
  const { parse, TomlError } = await import('smol-toml');
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const why = printable(error.message.split('\n', 1)[0]!.replace(/^Invalid TOML document: /, ''), 120);
    throw new GockerError('INVALID_REGISTRIES_CONF', `${file}, line ${error.line}: ${why}`, { hint: HINT });
  }
}

function toRule(
  table: v.InferOutput<typeof registrySchema>,
  { file, at }: { file: string; at: number },
): RegistryRule {
  const { location, insecure, blocked, 'mirror-by-digest-only': byDigest } = table;
  const prefix = table.prefix || location;
  const refuse = (why: string) =>
    new GockerError('INVALID_REGISTRIES_CONF', `${file}: registry.${at}: ${why}`, { hint: HINT });
  if (prefix === '') throw refuse('it has neither prefix nor location');
  const mirrors = table.mirror.map(({ 'pull-from-mirror': said, ...mirror }) => {
    if (byDigest && said !== '')
      throw refuse('pull-from-mirror and mirror-by-digest-only exclude each other');
    return { ...mirror, pull: byDigest ? ('digest-only' as const) : said || ('all' as const) };
  });
  return { prefix, location, insecure, blocked, mirrors, file };
}

import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { GockerError, hasCode } from '../errors.ts';
import { check, nullFree, parseJSON, recordOf } from '../image/json.ts';
import { quoted } from '../image/printable.ts';
import { CERTS_FOLDERS } from './certs.ts';
import type { RegistrySettings } from './endpoint.ts';
import { mirrorEndpoint } from './endpoint.ts';
import { readProxySettings } from './proxy.ts';
import { readRegistriesConf } from './registries-conf.ts';

const HUB = 'docker.io';
const HINT = 'write {"mirrors": {"docker.io": ["https://HOST", "ustc"]}, "insecure": ["HOST:PORT"]}';

const DOMAIN = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[a-fA-F0-9:]+\])(?::\d+)?$/;
const domain = v.pipe(v.string(), v.regex(DOMAIN, 'not a registry, which is written HOST or HOST:PORT'));

const fileSchema = nullFree({
  mirrors: v.exactOptional(recordOf(domain, v.array(v.string())), {}),
  insecure: v.exactOptional(v.array(domain), []),
});

/** The folders of the machine where settings are looked for; others for tests. */
export interface SettingsPlaces {
  /** gocker's own file. */
  own: string;
  /** `/etc/containers` */
  containers: string;
  certs: string[];
}

const PLACES: SettingsPlaces = {
  own: '/etc/gocker/config.json',
  containers: '/etc/containers',
  certs: CERTS_FOLDERS,
};

/**
 * How registries are reached, as this machine says it. Mirrors and plain-http registries from gocker's settings: the JSON file `/etc/gocker/config.json` (or the one that
 * GOCKER_CONFIG names; other keys are others' business), and over it GOCKER_MIRRORS, which replaces the mirrors of the
 * registries it speaks of: `ustc`, `docker.io=http://127.0.0.1:5001,ustc`, `;` between registries, an empty list for
 * none. Besides: containers' registries.conf, certs.d, and the variables that name proxies. Throws INVALID_SETTINGS,
 * INVALID_JSON, INVALID_MIRROR, INVALID_REGISTRIES_CONF or INVALID_PROXY.
 */
export async function readRegistrySettings(
  env: NodeJS.ProcessEnv = process.env,
  places: SettingsPlaces = PLACES,
): Promise<RegistrySettings> {
  const { mirrors, insecure } = await readSettingsFile(env.GOCKER_CONFIG, places.own);
  const all = { ...mirrors, ...parseMirrors(env.GOCKER_MIRRORS ?? '') };
  for (const [registry, list] of Object.entries(all)) {
    for (const mirror of list) mirrorEndpoint(mirror, registry);
  }
  const user = join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'containers');
  const named = env.CONTAINERS_REGISTRIES_CONF;
  const rules = await readRegistriesConf({ system: places.containers, user, named });
  const proxies = readProxySettings(env);
  return {
    mirrors: all,
    insecure,
    rules,
    certsFolders: [join(user, 'certs.d'), ...places.certs],
    ...(proxies && { proxies }),
  };
}

async function readSettingsFile(named: string | undefined, usual: string): Promise<RegistrySettings> {
  const path = named || usual;
  const bytes = await readFile(path).catch((error: unknown) => {
    if (!named && hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw new GockerError('INVALID_SETTINGS', `cannot read the settings file ${path}`, {
      hint: HINT,
      cause: error,
    });
  });
  if (bytes === undefined) return { mirrors: {}, insecure: [] };
  return check(fileSchema, parseJSON(bytes, path), { code: 'INVALID_SETTINGS', what: path, hint: HINT });
}

function parseMirrors(text: string): Record<string, string[]> {
  const groups = text.split(';').map((group) => group.trim());
  return Object.fromEntries(groups.filter((group) => group !== '').map(parseGroup));
}

/** `DOMAIN=MIRROR,MIRROR`, or mirrors alone, which are Docker Hub's. */
function parseGroup(group: string): [domain: string, mirrors: string[]] {
  const equals = group.indexOf('=');
  const registry = equals === -1 ? HUB : group.slice(0, equals).trim();
  if (!DOMAIN.test(registry)) {
    throw new GockerError('INVALID_SETTINGS', `GOCKER_MIRRORS: ${quoted(registry)} is not a registry`, {
      hint: 'write docker.io=https://HOST,ustc and put ; between registries',
    });
  }
  const list = group.slice(equals + 1).split(',');
  return [registry, list.map((mirror) => mirror.trim()).filter((mirror) => mirror !== '')];
}

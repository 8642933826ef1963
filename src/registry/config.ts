import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { GockerError, hasCode } from '../errors.ts';
import { check, nullFree, parseJSON, recordOf } from '../image/json.ts';
import { quoted } from '../image/printable.ts';
import type { RegistrySettings } from './endpoint.ts';
import { mirrorEndpoint } from './endpoint.ts';

const DEFAULT_FILE = '/etc/gocker/config.json';
const HUB = 'docker.io';
const HINT = 'write {"mirrors": {"docker.io": ["https://HOST", "ustc"]}, "insecure": ["HOST:PORT"]}';

const DOMAIN = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[a-fA-F0-9:]+\])(?::\d+)?$/;
const domain = v.pipe(v.string(), v.regex(DOMAIN, 'not a registry, which is written HOST or HOST:PORT'));

const fileSchema = nullFree({
  mirrors: v.exactOptional(recordOf(domain, v.array(v.string())), {}),
  insecure: v.exactOptional(v.array(domain), []),
});

/**
 * Mirrors and plain-http registries from gocker's settings: the JSON file `/etc/gocker/config.json` (or the one that
 * GOCKER_CONFIG names; other keys are others' business), and over it GOCKER_MIRRORS, which replaces the mirrors of the
 * registries it speaks of: `ustc`, `docker.io=http://127.0.0.1:5001,ustc`, `;` between registries, an empty list for
 * none. Throws INVALID_SETTINGS, INVALID_JSON or INVALID_MIRROR.
 */
export async function readRegistrySettings(env: NodeJS.ProcessEnv = process.env): Promise<RegistrySettings> {
  const { mirrors, insecure } = await readSettingsFile(env.GOCKER_CONFIG);
  const all = { ...mirrors, ...parseMirrors(env.GOCKER_MIRRORS ?? '') };
  for (const [registry, list] of Object.entries(all)) {
    for (const mirror of list) mirrorEndpoint(mirror, registry);
  }
  return { mirrors: all, insecure };
}

async function readSettingsFile(named: string | undefined): Promise<RegistrySettings> {
  const path = named || DEFAULT_FILE;
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

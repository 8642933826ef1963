import { existsSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '@oclif/core/config';

interface OwnPackage {
  root: string;
  pjson: Config['pjson'];
}

/**
 * oclif's view of gocker where no plugin was added, as far as a command of our own asks for it: what commands there are is
 * not read, nor the plugins that gocker comes with (they bring `help`, `plugins` and the like). Undefined where a user has
 * added plugins, since they may bring drivers, hooks, and commands in place of ours; and where oclif is to be debugged.
 */
export function ownConfig(): Config | undefined {
  if (process.env.DEBUG || existsSync(join(dataDirectory(), 'package.json'))) return undefined;
  const { root, pjson } = ownPackage();
  const { name, version } = pjson;
  const config = {
    bin: name,
    name,
    version,
    root,
    pjson,
    plugins: new Map([[name, { name, root, pjson }]]),
    scopedEnvVarKeys: () => [],
    runHook: async () => ({ successes: [], failures: [] }),
  };
  return config as unknown as Config;
}

/** Where oclif keeps the plugins that a user has added: `dataDir` of its Config. */
export function dataDirectory(env = process.env): string {
  const data = env.XDG_DATA_HOME || join(env.HOME || homedir() || tmpdir(), '.local/share');
  return env.GOCKER_DATA_DIR || join(data, 'gocker');
}

/** gocker's package.json and where it is, without the plugins that gocker comes with. */
export function ownPackage(): OwnPackage {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Config['pjson'];
  return { root, pjson: { ...pjson, oclif: { ...pjson.oclif, plugins: [] } } };
}

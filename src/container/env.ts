/** docker's PATH where the image sets none (moby, oci/defaults.go). */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Environments laid over each other, later ones first in rank: `KEY=value` sets, `KEY` alone takes the variable away
 * (docker's rule for `-e KEY` when the caller has no KEY). Values may hold anything but NUL.
 */
export function mergeEnv(...layers: readonly string[][]): string[] {
  const merged = new Map<string, string>();
  for (const entry of layers.flat()) {
    const equals = entry.indexOf('=');
    if (equals === -1) merged.delete(entry);
    else merged.set(entry.slice(0, equals), entry);
  }
  return [...merged.values()];
}

/** What every program finds, before the image and the user have their say. */
export function baseEnv(options: { hostname: string; terminal: boolean }): string[] {
  const env = [`PATH=${DEFAULT_PATH}`, `HOSTNAME=${options.hostname}`];
  return options.terminal ? [...env, 'TERM=xterm'] : env;
}

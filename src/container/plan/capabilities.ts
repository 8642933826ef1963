import { UsageError } from '../../errors.ts';
import { quoted } from '../../image/printable.ts';
import { DEFAULT_CAPABILITIES, isCapability } from '../../runtime/capabilities.ts';

interface Wanted {
  privileged?: boolean;
  capAdd?: string[];
  capDrop?: string[];
}

/**
 * The capabilities of a container's root, by docker's rules (moby, oci/caps/utils.go): with `ALL` dropped only the added ones,
 * with `ALL` added all but the dropped ones, else the default ones changed by both. `available` are those that gocker has.
 * Throws a UsageError for an unknown one, and for one that is asked for by name and not available.
 */
export function planCapabilities(
  { privileged, capAdd = [], capDrop = [] }: Wanted,
  available: string[],
): string[] {
  if (privileged) return available;
  const add = normalise(capAdd, '--cap-add');
  const drop = normalise(capDrop, '--cap-drop');
  const named = add.filter((name) => name !== 'ALL');
  requireAvailable(named, available);
  if (drop.includes('ALL') && add.includes('ALL')) return available;
  if (drop.includes('ALL')) return named;
  const base = add.includes('ALL') ? available : [...new Set([...DEFAULT_CAPABILITIES, ...named])];
  return base.filter((name) => !drop.includes(name));
}

/** `net_admin`, `NET_ADMIN` and `CAP_NET_ADMIN` are the same. */
function normalise(names: string[], flag: string): string[] {
  return names.map((name) => {
    const upper = name.toUpperCase();
    if (upper === 'ALL' || upper === 'CAP_ALL') return 'ALL';
    const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
    if (isCapability(full)) return full;
    throw new UsageError('UNKNOWN_CAPABILITY', `unknown capability ${quoted(name)} for ${flag}`, {
      hint: 'see man 7 capabilities; ALL stands for all of them',
    });
  });
}

function requireAvailable(names: string[], available: string[]): void {
  const missing = names.find((name) => !available.includes(name));
  if (missing === undefined) return;
  throw new UsageError(
    'CAPABILITY_NOT_AVAILABLE',
    `capability ${missing} cannot be added: gocker itself does not have it on this host`,
    { hint: 'leave it out; ALL adds those that there are' },
  );
}

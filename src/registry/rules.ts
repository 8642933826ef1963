import { GockerError } from '../errors.ts';
import type { Reference } from '../image/reference.ts';
import { formatReference, repositoryOf } from '../image/reference.ts';

/** A place that serves a namespace under a name of its own, as containers-registries.conf(5) has it. */
export interface Location {
  /** `HOST[:PORT][/NAMESPACE]`; empty: as the image is called. */
  location: string;
  /** Certificates do not matter, and plain http will do. */
  insecure: boolean;
}

export interface MirrorRule extends Location {
  /** What it may be asked for: a tag is only as good as the mirror's word, a digest proves itself. */
  pull: 'all' | 'digest-only' | 'tag-only';
}

/** What containers-registries.conf(5) calls a `[[registry]]` table. */
export interface RegistryRule extends Location {
  /** `HOST[:PORT][/NAMESPACE...]`, also with `:TAG` or `@DIGEST`, or `*.DOMAIN`. */
  prefix: string;
  blocked: boolean;
  mirrors: MirrorRule[];
  /** Where it was read, for messages. */
  file: string;
}

/** The rule with the longest prefix that the reference starts with. Throws REGISTRY_BLOCKED when that forbids it. */
export function ruleFor(reference: Reference, rules: readonly RegistryRule[]): RegistryRule | undefined {
  const name = formatReference(reference);
  let [best, length]: [RegistryRule | undefined, number] = [undefined, 0];
  for (const rule of rules) {
    const matched = matchLength(rule.prefix, name);
    if (matched > length) [best, length] = [rule, matched];
  }
  if (best?.blocked) {
    throw new GockerError('REGISTRY_BLOCKED', `${repositoryOf(reference)} is blocked by ${best.file}`, {
      hint: `the rule for ${best.prefix} in that file says blocked = true`,
    });
  }
  return best;
}

/** What the repository is called at a location: `HOST[:PORT]/PATH`. */
export function relocate(reference: Reference, rule: RegistryRule, { location }: Location): string {
  const name = repositoryOf(reference);
  if (location === '') return name;
  // A prefix with a tag or a digest stands for that image alone.
  return location + name.slice(Math.min(name.length, matchLength(rule.prefix, formatReference(reference))));
}

/** How many characters of the name the prefix covers; 0 when it does not fit up to a separator. */
function matchLength(prefix: string, name: string): number {
  if (prefix.startsWith('*.')) {
    const host = name.slice(0, name.search(/[:/@]/));
    return host.endsWith(prefix.slice(1)) ? host.length : 0;
  }
  const next = name.at(prefix.length);
  const whole = next === undefined || ['/', ':', '@'].includes(next);
  return name.startsWith(prefix) && whole ? prefix.length : 0;
}

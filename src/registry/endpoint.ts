import { UsageError } from '../errors.ts';
import { quoted } from '../image/printable.ts';
import type { Reference } from '../image/reference.ts';
import { reachOf } from './host.ts';
import { PRESETS } from './presets.ts';

/** Where a repository's requests can go: its registry, or a mirror of it. */
export interface Endpoint {
  /** `scheme://host[:port]`, which is also how it is named in messages. */
  base: string;
  /** What credentials are looked up by: the domain of references, or a mirror's own `host[:port]`. */
  account: string;
  /** Plain http, because it is on loopback or somebody asked for it. */
  plain: boolean;
  mirror: boolean;
}

/** The part of gocker's settings that says which servers are asked, and how. */
export interface RegistrySettings {
  /** Registry domain -> mirrors in order, each an URL or a preset's name. */
  mirrors: Record<string, string[]>;
  /** Registry domains that are asked over plain http. */
  insecure: string[];
}

const HUB = 'docker.io';
/** Docker Hub's API has a host of its own. */
const HUB_HOST = 'registry-1.docker.io';

/**
 * Whom to ask, in order: the mirrors of the reference's domain, then the registry itself. A typed scheme
 * (`http://HOST/NAME`) means this very server, without mirrors. Throws INVALID_MIRROR.
 */
export function endpointsFor(reference: Reference, settings: RegistrySettings): Endpoint[] {
  const origin = originOf(reference, settings.insecure);
  if (reference.scheme !== undefined) return [origin];
  const own = Object.hasOwn(settings.mirrors, reference.domain) ? settings.mirrors[reference.domain]! : [];
  return [...own.map((mirror) => mirrorEndpoint(mirror, reference.domain)), origin];
}

function originOf({ domain, scheme }: Reference, insecure: readonly string[]): Endpoint {
  if (domain === HUB) return { base: `https://${HUB_HOST}`, account: HUB, plain: false, mirror: false };
  const { hostname } = new URL(`https://${domain}`);
  const asked = reachOf(hostname) === 'loopback' || insecure.includes(domain);
  const plain = scheme === undefined ? asked : scheme === 'http';
  const { origin } = new URL(`${plain ? 'http' : 'https'}://${domain}`);
  return { base: origin, account: domain.toLowerCase(), plain, mirror: false };
}

/** The endpoint of a mirror given as an URL or, for Docker Hub, a preset's name. Throws INVALID_MIRROR. */
export function mirrorEndpoint(mirror: string, domain: string): Endpoint {
  const preset = domain === HUB ? PRESETS.get(mirror) : undefined;
  const text = preset ?? mirror;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plainOrigin = url !== undefined && (text === url.origin || text === `${url.origin}/`);
  if (!plainOrigin || !['http:', 'https:'].includes(url.protocol)) {
    throw new UsageError('INVALID_MIRROR', `invalid mirror ${quoted(mirror)} of ${domain}`, {
      hint: `write https://HOST, http://HOST:PORT or, for ${HUB}, one of: ${[...PRESETS.keys()].join(', ')}`,
    });
  }
  return { base: url.origin, account: url.host, plain: url.protocol === 'http:', mirror: true };
}

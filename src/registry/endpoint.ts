import { UsageError } from '../errors.ts';
import { quoted } from '../image/printable.ts';
import type { Reference } from '../image/reference.ts';
import { reachOf } from './host.ts';
import { PRESETS } from './presets.ts';
import type { ProxySettings } from './proxy.ts';
import type { Location, MirrorRule, RegistryRule } from './rules.ts';
import { relocate, ruleFor } from './rules.ts';

/** Where a repository's requests can go: its registry, or a mirror of it. */
export interface Endpoint {
  /** `scheme://host[:port]`, which is also how it is named in messages. */
  base: string;
  /** What credentials are looked up by: the domain of references, or a mirror's own `host[:port]`. */
  account: string;
  /** Plain http, because it is on loopback or somebody asked for it. */
  plain: boolean;
  mirror: boolean;
  /** What the repository is called there, where that is not its own name. */
  repository?: string;
  /** https with any certificate, or plain http when that is all it speaks; `base` is the https one. */
  insecure?: true;
}

/** The part of gocker's settings that says which servers are asked, and how. */
export interface RegistrySettings {
  /** Registry domain -> mirrors in order, each an URL or a preset's name. */
  mirrors: Record<string, string[]>;
  /** Registry domains that are asked over plain http. */
  insecure: string[];
  /** What containers-registries.conf(5) says; `mirrors` above goes over the mirrors of a registry in here. */
  rules?: RegistryRule[];
  proxies?: ProxySettings;
  /** Folders as `/etc/docker/certs.d`, the first one first. */
  certsFolders?: string[];
}

const HUB = 'docker.io';
/** Docker Hub's API has a host of its own. */
const HUB_HOST = 'registry-1.docker.io';

/**
 * Whom to ask, in order: the mirrors of the reference, then its registry. A typed scheme (`http://HOST/NAME`) means this
 * very server, without mirrors. What is asked for by digest may come from mirrors that are not trusted with tags. Throws
 * INVALID_MIRROR or REGISTRY_BLOCKED.
 */
export function endpointsFor(
  reference: Reference,
  settings: RegistrySettings,
  asked: { byDigest: boolean } = { byDigest: reference.digest !== undefined },
): Endpoint[] {
  const rule = ruleFor(reference, settings.rules ?? []);
  if (reference.scheme !== undefined) return [originOf(reference, settings.insecure)];
  const origin = rule ? locatedOrigin(reference, rule, settings) : originOf(reference, settings.insecure);
  if (Object.hasOwn(settings.mirrors, reference.domain)) {
    const own = settings.mirrors[reference.domain]!;
    return [...own.map((mirror) => mirrorEndpoint(mirror, reference.domain)), origin];
  }
  const mirrors = (rule?.mirrors ?? []).filter(({ pull }) => isMeant(pull, reference, asked));
  return [...mirrors.map((mirror) => located(reference, rule!, mirror)), origin];
}

/** A digest proves itself, whatever the image was called; a mirror for tags is one for images called by tag. */
function isMeant(
  pull: MirrorRule['pull'],
  { digest }: Reference,
  { byDigest }: { byDigest: boolean },
): boolean {
  return pull === 'all' || (pull === 'digest-only' ? byDigest : digest === undefined);
}

function originOf({ domain, scheme }: Reference, insecure: readonly string[]): Endpoint {
  if (domain === HUB) return { base: `https://${HUB_HOST}`, account: HUB, plain: false, mirror: false };
  const { hostname } = new URL(`https://${domain}`);
  const asked = reachOf(hostname) === 'loopback' || insecure.includes(domain);
  const plain = scheme === undefined ? asked : scheme === 'http';
  const { origin } = new URL(`${plain ? 'http' : 'https'}://${domain}`);
  return { base: origin, account: domain.toLowerCase(), plain, mirror: false };
}

/** The registry itself, wherever a rule says that it is. */
function locatedOrigin(reference: Reference, rule: RegistryRule, { insecure }: RegistrySettings): Endpoint {
  const endpoint = { ...located(reference, rule, rule), mirror: false };
  if (endpoint.account !== reference.domain.toLowerCase() || rule.insecure) return endpoint;
  const { repository } = endpoint;
  return { ...originOf(reference, insecure), ...(repository !== undefined && { repository }) };
}

function located(reference: Reference, rule: RegistryRule, location: Location): Endpoint {
  const name = relocate(reference, rule, location);
  const slash = name.indexOf('/');
  const [domain, path] = [name.slice(0, slash), name.slice(slash + 1)];
  if (slash < 1 || path === '' || !URL.canParse(`https://${domain}`)) {
    throw new UsageError(
      'INVALID_MIRROR',
      `${rule.file}: ${quoted(location.location)} is no place for ${rule.prefix}`,
      {
        hint: 'a location is HOST[:PORT][/NAMESPACE]',
      },
    );
  }
  const endpoint = { ...originOf({ domain, path }, []), mirror: true };
  const elsewhere = path !== reference.path && { repository: path };
  if (!location.insecure) return { ...endpoint, ...elsewhere };
  const { origin } = new URL(`https://${domain === HUB ? HUB_HOST : domain}`);
  return { ...endpoint, base: origin, plain: false, ...elsewhere, insecure: true };
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

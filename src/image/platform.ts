import { GockerError, UsageError } from '../errors.ts';
import { quoted } from './printable.ts';
import type { Descriptor, Index, Platform } from './types.ts';

const ARCHITECTURES = new Map([
  ['x86_64', 'amd64'],
  ['x86-64', 'amd64'],
  ['x64', 'amd64'],
  ['aarch64', 'arm64'],
  ['i386', '386'],
  ['ia32', '386'],
]);

/** Debian's names for arm stand for a variant too. */
const ARM_NAMES = new Map([
  ['armhf', 'v7'],
  ['armel', 'v6'],
]);

/** `OS/ARCH[/VARIANT]` as in `--platform linux/arm/v7`; `ARCH` alone means linux. Throws INVALID_PLATFORM. */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/');
  if (parts.length > 3 || parts.some((part) => !/^[A-Za-z0-9_][\w.-]{0,63}$/.test(part))) {
    throw new UsageError('INVALID_PLATFORM', `invalid platform ${quoted(text)}`, {
      hint: 'write OS/ARCH or OS/ARCH/VARIANT, as linux/amd64 or linux/arm/v7',
    });
  }
  const [os, architecture, variant] =
    parts.length === 1 ? ['linux', parts[0]!] : (parts as [string, string, string?]);
  return normalise({ os, architecture, ...(variant !== undefined && { variant }) });
}

/** `linux/arm64/v8`. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** What this machine runs. */
export function hostPlatform(): Platform {
  return normalise({ os: 'linux', architecture: process.arch });
}

/**
 * One spelling per platform (containerd's platforms.Normalize, with OCI's variant for arm64): x86_64 is amd64, whose
 * v1 goes without saying; aarch64 is arm64, at least v8; arm is v7 where nothing is said.
 */
export function normalise(platform: Platform): Platform {
  const os = platform.os.toLowerCase();
  const said = platform.architecture.toLowerCase();
  const architecture = ARM_NAMES.has(said) ? 'arm' : (ARCHITECTURES.get(said) ?? said);
  const variant = normaliseVariant(
    architecture,
    (platform.variant ?? ARM_NAMES.get(said) ?? '').toLowerCase(),
  );
  return variant === '' ? { os, architecture } : { os, architecture, variant };
}

function normaliseVariant(architecture: string, variant: string): string {
  const full = /^\d/.test(variant) ? `v${variant}` : variant;
  if (architecture === 'amd64') return full === 'v1' ? '' : full;
  if (architecture === 'arm64') return full === '' || full === 'v8.0' ? 'v8' : full;
  if (architecture === 'arm') return full === '' ? 'v7' : full;
  return architecture === '386' ? '' : full;
}

/**
 * The manifest of the index that suits `wanted` best: the platform itself, else the nearest one below that its
 * processors run too. Attestations (`unknown/unknown`) and manifests of no stated platform are passed over. Throws
 * PLATFORM_NOT_FOUND, which lists what there is. Rules: containerd's platforms.Only.
 */
export function choosePlatform(index: Index, wanted: Platform): Descriptor {
  const offers = index.manifests.filter(isRunnable);
  for (const candidate of compatible(normalise(wanted))) {
    const name = formatPlatform(candidate);
    const found = offers.find((offer) => formatPlatform(normalise(offer.platform)) === name);
    if (found !== undefined) return found;
  }
  throw notFound(offers, wanted);
}

/** True when a machine of platform `host` runs programs of platform `image`. */
export function runsOn(image: Platform, host: Platform): boolean {
  const name = formatPlatform(normalise(image));
  return compatible(normalise(host)).some((platform) => formatPlatform(platform) === name);
}

function isRunnable(descriptor: Descriptor): descriptor is Descriptor & { platform: Platform } {
  return descriptor.platform !== undefined && descriptor.platform.os !== 'unknown';
}

/** The platform and those whose programs it runs as well, best first. */
function compatible(platform: Platform): Platform[] {
  const { os, architecture, variant = '' } = platform;
  const make = (arch: string, name: string): Platform => normalise({ os, architecture: arch, variant: name });
  if (architecture === 'amd64') {
    return [...down(variant || 'v1', 1).map((name) => make('amd64', name)), make('386', '')];
  }
  if (architecture === 'arm')
    return unlessEmpty(
      down(variant, 5).map((name) => make('arm', name)),
      platform,
    );
  if (architecture !== 'arm64') return [platform];
  const own = unlessEmpty(
    arm64Variants(variant).map((name) => make('arm64', name)),
    platform,
  );
  return [...own, ...down('v8', 5).map((name) => make('arm', name))];
}

/** `v7` with floor 5: v7, v6, v5. Empty when the variant is not of that form or below the floor. */
function down(variant: string, floor: number): string[] {
  const match = /^v(\d{1,2})$/.exec(variant);
  const top = match === null ? -1 : Number(match[1]);
  return Array.from({ length: Math.max(0, top - floor + 1) }, (_, step) => `v${top - step}`);
}

/** v8.2: v8.2, v8.1, v8. An armv9.N machine has all of armv8.N+5 (Arm ARM, "Armv9-A architecture"). */
function arm64Variants(variant: string): string[] {
  const match = /^v([89])(?:\.(\d))?$/.exec(variant);
  if (match === null) return [];
  const [major, minor] = [match[1]!, Number(match[2] ?? 0)];
  const own = Array.from({ length: minor + 1 }, (_, step) => minorName(major, minor - step));
  return major === '9' ? [...own, ...arm64Variants(`v8.${Math.min(minor + 5, 9)}`)] : own;
}

function minorName(major: string, minor: number): string {
  return minor === 0 ? `v${major}` : `v${major}.${minor}`;
}

function unlessEmpty(platforms: Platform[], otherwise: Platform): Platform[] {
  return platforms.length === 0 ? [otherwise] : platforms;
}

function notFound(offers: { platform: Platform }[], wanted: Platform): GockerError {
  const names = [...new Set(offers.map((offer) => formatPlatform(offer.platform)))];
  const list = names.length === 0 ? 'it names none' : `it has ${names.join(', ')}`;
  return new GockerError(
    'PLATFORM_NOT_FOUND',
    `the image has nothing for ${formatPlatform(wanted)}: ${list}`,
    {
      hint: names.length === 0 ? undefined : `add --platform ${names[0]} to take that one`,
    },
  );
}

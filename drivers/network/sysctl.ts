import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../src/errors.ts';

/**
 * Sets a value below /proc/sys/net of the namespace that the calling thread is in; `path` is relative to that. One that
 * this kernel does not have (IPv6 switched off) is passed over. True when it was another one before.
 */
export function setSysctl(path: string, value: string): boolean {
  const before = readSysctl(path);
  if (before === undefined || before === value) return false;
  writeFileSync(fileOf(path), value);
  return true;
}

/** Undefined where this kernel does not have it. */
export function readSysctl(path: string): string | undefined {
  try {
    return readFileSync(fileOf(path), 'utf8').trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function fileOf(path: string): string {
  return join('/proc/sys/net', path);
}

/**
 * What keeps a link from an IPv6 address of its own, where the kernel has IPv6. Writing disable_ipv6 does so too, but spins as
 * long as somebody has the kernel's lock of links: 50 ms while another container's namespace goes.
 */
export function withoutLinkLocal(): { withoutLinkLocal?: true } {
  return existsSync(fileOf('ipv6')) ? { withoutLinkLocal: true } : {};
}

/** Of one interface: no route and no address by what others on the wire advertise (CVE-2020-13401). */
export function ignoreAdvertisements(name: string, { ipv6 }: { ipv6: boolean }): void {
  const settings = {
    accept_ra: '0',
    disable_ipv6: ipv6 ? '0' : '1',
    ...(ipv6 && { autoconf: '0', accept_dad: '0' }),
  };
  for (const [key, value] of Object.entries(settings)) setSysctl(`ipv6/conf/${name}/${key}`, value);
}

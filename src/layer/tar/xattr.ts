import { InvalidLayerError } from '../error.ts';
import type { PaxRecords } from './pax.ts';

const SCHILY = 'SCHILY.xattr.';
const LIBARCHIVE = 'LIBARCHIVE.xattr.';
const NONE: ReadonlyMap<string, Buffer> = new Map();

/**
 * The extended attributes in pax records, by name. star's and GNU tar's spelling carries the bytes as they are and wins
 * over libarchive's, which is base64 under a percent-encoded name.
 */
export function paxXattrs(records: PaxRecords): ReadonlyMap<string, Buffer> {
  if (records.length === 0) return NONE;
  const found = new Map<string, Buffer>();
  for (const [key, value] of records) {
    if (key.startsWith(LIBARCHIVE)) found.set(percentDecoded(key.slice(LIBARCHIVE.length)), base64(value));
  }
  for (const [key, value] of records) {
    if (key.startsWith(SCHILY)) found.set(utf8(key.slice(SCHILY.length)), Buffer.from(value));
  }
  return found;
}

function utf8(name: string): string {
  return checkName(Buffer.from(name, 'latin1').toString('utf8'));
}

function percentDecoded(name: string): string {
  try {
    return checkName(decodeURIComponent(name));
  } catch (error) {
    if (error instanceof URIError) throw new InvalidLayerError('pax header: malformed name of an xattr');
    throw error;
  }
}

/** xattr(7): at most 255 bytes. */
function checkName(name: string): string {
  if (/^[^\0\ufffd]{1,255}$/u.test(name)) return name;
  throw new InvalidLayerError('pax header: malformed name of an xattr');
}

function base64(value: Buffer): Buffer {
  return Buffer.from(value.toString('latin1'), 'base64');
}

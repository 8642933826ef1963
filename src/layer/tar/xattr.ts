import type { ByteString } from '../bytes.ts';
import { InvalidLayerError } from '../error.ts';
import type { PaxRecords } from './pax.ts';

const SCHILY = 'SCHILY.xattr.';
const LIBARCHIVE = 'LIBARCHIVE.xattr.';
const NONE: ReadonlyMap<ByteString, Buffer> = new Map();

/**
 * The extended attributes in pax records, by name. star's and GNU tar's spelling carries the bytes as they are and wins
 * over libarchive's, which is base64 under a percent-encoded name.
 */
export function paxXattrs(records: PaxRecords): ReadonlyMap<ByteString, Buffer> {
  if (records.length === 0) return NONE;
  const found = new Map<ByteString, Buffer>();
  for (const [key, value] of records) {
    if (key.startsWith(LIBARCHIVE)) found.set(percentDecoded(key.slice(LIBARCHIVE.length)), base64(value));
  }
  for (const [key, value] of records) {
    if (key.startsWith(SCHILY)) found.set(checkName(key.slice(SCHILY.length)), Buffer.from(value));
  }
  return found;
}

/** The escapes stand for bytes, not for characters. */
function percentDecoded(name: ByteString): ByteString {
  const decoded = name.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(parseInt(digits, 16)),
  );
  if (/%(?![0-9a-f]{2})/i.test(name)) throw malformed();
  return checkName(decoded);
}

/** xattr(7): at most 255 bytes. */
function checkName(name: ByteString): ByteString {
  if (/^[^\0]{1,255}$/.test(name)) return name;
  throw malformed();
}

function malformed(): InvalidLayerError {
  return new InvalidLayerError('pax header: malformed name of an xattr');
}

function base64(value: Buffer): Buffer {
  return Buffer.from(value.toString('latin1'), 'base64');
}

import { posix } from 'node:path';
import { quoted } from '../image/printable.ts';
import { type ByteString, show } from '../layer/bytes.ts';
import { invalidArchive } from './error.ts';

/**
 * The name of a member without `.` and empty parts. No file ever gets it: it only says which member is meant. Throws
 * INVALID_ARCHIVE for one that would lead out of a folder (absolute, `..`).
 */
export function memberName(name: ByteString): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (name.startsWith('/') || parts.includes('..')) throw invalidArchive(`entry ${show(name)} leads outside`);
  return parts.join('/');
}

/** What a link means, as a member's name; docker links a layer that an archive has already. Throws INVALID_ARCHIVE. */
export function linkTarget(name: string, target: string, isHard: boolean): string {
  const path = isHard ? target : posix.join(posix.dirname(name), target);
  if (target.startsWith('/') || posix.normalize(path).startsWith('..')) {
    throw invalidArchive(`entry ${quoted(name)} links to ${quoted(target)}, which is outside`);
  }
  return memberName(posix.normalize(path));
}

/**
 * Names inside layers are bytes, not text. They are kept as strings of one character per byte (latin1), so that they
 * can be split, joined, compared and used as keys, and turned back into bytes only where the kernel sees them.
 */
import type { Path } from '../../native/syscalls.ts';
import { quoted } from '../image/printable.ts';

/** One character (U+0000 to U+00FF) per byte. */
export type ByteString = string;

const ASCII = /^[\x00-\x7f]*$/;

/** A part of a path that is empty, `.` or `..`. */
const UNUSUAL = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** For a kernel call. */
export function toPath(name: ByteString): Path {
  return ASCII.test(name) ? name : Buffer.from(name, 'latin1');
}

/** For a person: read as UTF-8, control characters written out, in double quotes. */
export function show(name: ByteString): string {
  return quoted(Buffer.from(name, 'latin1').toString('utf8'), 300);
}

/** `a/b` of `a/b/c`, the empty string of `a`. */
export function dirname(path: ByteString): ByteString {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** `c` of `a/b/c`. */
export function basename(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** `a/b`, or `b` when the directory is the root. */
export function join(directory: ByteString, name: ByteString): ByteString {
  return directory === '' ? name : `${directory}/${name}`;
}

/**
 * The path relative to the root, without `.`, empty parts and trailing slashes; `..` goes up, and stays at the root
 * there as chroot(2) does. The root itself is the empty string.
 */
export function normalise(path: ByteString): ByteString {
  const relative = path.startsWith('./') ? path.slice(2) : path;
  if (!UNUSUAL.test(relative)) return relative;
  const parts: ByteString[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

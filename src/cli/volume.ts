import { posix, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { quoted } from '../image/printable.ts';
import type { BindMount } from '../runtime/types.ts';

/** Options that change nothing here: there are no SELinux labels, and mounts are private anyway. */
const WITHOUT_EFFECT = ['z', 'Z', 'rprivate', 'private', 'cached', 'delegated', 'consistent'];

/**
 * `-v SRC:DST[:ro|rw]` as a bind mount. SRC is a host path, absolute or beginning with `.`; a plain name would be a volume.
 * Throws a UsageError that quotes the text.
 */
export function parseVolume(text: string, cwd: string): BindMount {
  const [source = '', destination, options = '', ...more] = text.split(':');
  if (destination === undefined) throw invalid(text, 'it needs a source and a destination');
  if (more.length > 0) throw invalid(text, 'it has too many parts');
  if (!/^[./]/.test(source)) {
    const why = `${quoted(source)} is no path, and named volumes are not supported yet`;
    throw invalid(text, why, 'give the host directory as an absolute path, or begin it with ./');
  }
  if (!destination.startsWith('/')) throw invalid(text, `${quoted(destination)} is not absolute`);
  return {
    source: resolve(cwd, source),
    destination: posix.resolve(destination),
    readonly: isReadonly(text, options),
    recursive: true,
  };
}

function isReadonly(text: string, options: string): boolean {
  const words = options === '' ? [] : options.split(',');
  const unknown = words.find((word) => !['ro', 'rw', ...WITHOUT_EFFECT].includes(word));
  if (unknown !== undefined) throw invalid(text, `unknown option ${quoted(unknown)}`);
  return words.includes('ro');
}

function invalid(
  text: string,
  why: string,
  hint = 'write HOST_DIR:CONTAINER_DIR, or HOST_DIR:CONTAINER_DIR:ro',
) {
  return new UsageError('INVALID_VOLUME', `invalid volume ${quoted(text)}: ${why}`, { hint });
}

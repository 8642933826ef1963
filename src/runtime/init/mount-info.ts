import { readFileSync, realpathSync } from 'node:fs';
import { GockerError } from '../../errors.ts';
import type { BindMount } from '../types.ts';

interface HostMount {
  place: string;
  /** `shared:1`, `master:2`. */
  tags: string[];
}

/**
 * Throws PROPAGATION, in docker's words, where the host's mount that a source is on does not share what the bind asks to share
 * (mount_namespaces(7): a private mount has no peers to tell).
 */
export function requireShared({ source, propagation }: BindMount): void {
  const path = realpathSync(source);
  const { place, tags } = mountOf(path);
  const isSlave = propagation === 'slave' || propagation === 'rslave';
  const isShared = tags.some((tag) => tag.startsWith('shared:'));
  if (isShared || (isSlave && tags.some((tag) => tag.startsWith('master:')))) return;
  const what = isSlave ? 'shared or slave' : 'shared';
  throw new GockerError('PROPAGATION', `path ${path} is mounted on ${place} but it is not a ${what} mount`, {
    hint: `share it first: mount --make-shared ${place}`,
  });
}

/** The last of those that the path is below: later mounts cover earlier ones. */
function mountOf(path: string): HostMount {
  const isBelow = ({ place }: HostMount) => place === '/' || path === place || path.startsWith(`${place}/`);
  const candidates = readMounts().filter(isBelow);
  const longest = Math.max(...candidates.map(({ place }) => place.length));
  return candidates.findLast(({ place }) => place.length === longest)!;
}

/** proc(5), /proc/PID/mountinfo. */
function readMounts(): HostMount[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [, , , , place = '', , ...rest] = line.split(' ');
      return { place: unescaped(place), tags: rest.slice(0, rest.indexOf('-')) };
    });
}

function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

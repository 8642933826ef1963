/** The options of docker's `local` volumes: `type`, `o`, `device`, as mount(8) takes them. */
import { UsageError } from '../../errors.ts';
import { quoted } from '../../image/printable.ts';

/** Where a volume's files are: in its own directory, in one of the host's, or in memory while a container runs. */
export type VolumeSource =
  | { kind: 'own' }
  | { kind: 'bind'; device: string; recursive: boolean; readonly: boolean }
  | { kind: 'tmpfs'; options: string[] };

const KNOWN = ['type', 'o', 'device', 'size'];

/** Throws a UsageError for options that gocker cannot hold to. */
export function volumeSource(options: Record<string, string>): VolumeSource {
  const unknown = Object.keys(options).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) throw invalid(`invalid option: ${quoted(unknown)}`);
  if (options.size !== undefined)
    throw invalid('a size of a volume needs a file system with project quotas', SIZE);
  const { type, o = '', device } = options;
  if (type === undefined && options.o === undefined && device === undefined) return { kind: 'own' };
  const words = o.split(',').filter(Boolean);
  if (type === 'tmpfs') return { kind: 'tmpfs', options: words };
  const bind = words.find((word) => word === 'bind' || word === 'rbind');
  if (bind !== undefined) return bound({ device, words, recursive: bind === 'rbind' });
  if (device === undefined) throw invalid('missing device in volume options');
  throw invalid(`volumes of type ${quoted(type ?? '')} are not supported`, ELSEWHERE);
}

const SIZE = 'for a volume in memory: -o type=tmpfs -o o=size=64m';
const ELSEWHERE = 'mount it on the host, and give its directory: -o type=none -o o=bind -o device=DIR';

function bound(asked: { device: string | undefined; words: string[]; recursive: boolean }): VolumeSource {
  const { device, words, recursive } = asked;
  if (device === undefined) throw invalid('missing device in volume options');
  if (!device.startsWith('/')) throw invalid(`the device ${quoted(device)} is not an absolute path`);
  const unknown = words.find((word) => !['bind', 'rbind', 'ro', 'rw'].includes(word));
  if (unknown !== undefined) throw invalid(`the mount option ${quoted(unknown)} is not supported for a bind`);
  return { kind: 'bind', device, recursive, readonly: words.lastIndexOf('ro') > words.lastIndexOf('rw') };
}

function invalid(
  why: string,
  hint = 'there are -o type=none -o o=bind -o device=DIR, and -o type=tmpfs -o o=OPTIONS',
) {
  return new UsageError('INVALID_VOLUME_OPTION', why, { hint });
}

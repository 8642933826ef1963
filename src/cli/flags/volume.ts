/** docker's `-v` (moby, volume/mounts/linux_parser.go). */
import { posix } from 'node:path';
import type { MountRequest } from '../../engine.ts';
import { UsageError } from '../../errors.ts';
import { printable, quoted } from '../../image/printable.ts';
import { cleanPath, hostPath, isPropagation, parseIdmap } from './mount-words.ts';

/** Words of which a mode has at most one each; those without a rule here change nothing. */
const GROUPS = [
  ['ro', 'rw'],
  ['z', 'Z'],
  ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'],
  ['nocopy'],
  ['cached', 'delegated', 'consistent', 'default'],
];

/** `[SOURCE:]DESTINATION[:MODE]`. Throws a UsageError in docker's words. */
export function parseVolume(text: string, cwd: string): MountRequest {
  const parts = text.split(':');
  const [first = '', second = '', mode] = parts;
  checkShape(text, parts);
  if (parts.length === 1) return { text, type: 'volume', destination: destinationOf(first, text) };
  const source = sourceOf(first, cwd);
  const type = source.startsWith('/') ? 'bind' : 'volume';
  const destination = destinationOf(second, text);
  const words = mode === undefined ? {} : { mode, ...readMode(mode, { type, text }) };
  const written = [source, second, ...parts.slice(2)].join(':');
  return { text: written, type, source, destination, ...words };
}

/** What docker's client looks at before its daemon does (docker/cli, cli/compose/loader/volume.go). */
function checkShape(text: string, parts: string[]): void {
  if (text === '') throw invalid(text, 'invalid empty volume spec');
  if (parts.includes(''))
    throw invalid(text, `invalid spec: ${printable(text)}: empty section between colons`);
  if (parts.length > 3) throw invalid(text, `invalid spec: ${printable(text)}: too many colons`);
  if (parts.length === 2 && isMode(parts[1]!)) throw invalid(text);
}

function sourceOf(text: string, cwd: string): string {
  if (text.includes('/') && !/^(\/|\.{1,2}\/)/.test(text)) {
    const why =
      'includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed';
    throw new UsageError('INVALID_VOLUME_NAME', `create ${printable(text)}: ${quoted(text)} ${why}`, {
      hint: 'if you intended to pass a host directory, use an absolute path, or begin it with ./',
    });
  }
  return hostPath(text, cwd);
}

function destinationOf(path: string, text: string): string {
  if (!path.startsWith('/')) {
    const why = `${printable(text)}: invalid mount path: '${printable(path)}' mount path must be absolute`;
    throw invalid(text, `invalid volume specification: ${why}`);
  }
  if (posix.resolve(path) === '/')
    throw invalid(text, `invalid volume specification: '${printable(text)}': destination can't be '/'`);
  return cleanPath(path);
}

/** True for what is a mode and no path, as in `/data:ro`. */
function isMode(text: string): boolean {
  return text.split(',').every((word) => GROUPS.some((group) => group.includes(word)));
}

function readMode(
  mode: string,
  { type, text }: { type: MountRequest['type']; text: string },
): Partial<MountRequest> {
  const words = mode.split(',');
  const map = words.find((word) => word === 'idmap' || word.startsWith('idmap='));
  const plain = words.filter((word) => word !== map);
  const isClear = GROUPS.every((group) => plain.filter((word) => group.includes(word)).length <= 1);
  const unknown = plain.find((word) => !GROUPS.some((group) => group.includes(word)));
  if (unknown === 'U')
    throw invalid(text, `invalid mode: ${printable(mode)}: gocker changes no owners`, MAP_HINT);
  if (!isClear || unknown !== undefined) throw invalid(text, `invalid mode: ${printable(mode)}`, MODE_HINT);
  const propagation = plain.find(isPropagation);
  if (propagation !== undefined && type === 'volume')
    throw invalid(text, 'invalid mount config for type "volume": field BindOptions must not be specified');
  if (plain.includes('nocopy') && type === 'bind')
    throw invalid(text, 'invalid mount config for type "bind": field VolumeOptions must not be specified');
  return {
    ...(plain.includes('ro') ? { readonly: true } : {}),
    ...(plain.includes('nocopy') ? { nocopy: true } : {}),
    ...(propagation === undefined ? {} : { propagation }),
    ...(map === undefined ? {} : { idmap: idmapOf(map, text) }),
  };
}

function idmapOf(word: string, text: string) {
  const idmap = parseIdmap(word.replace(/^idmap=?/, ''));
  if (idmap) return idmap;
  throw invalid(
    text,
    `invalid mode: ${printable(word)}: idmap needs a map, as the container has no user namespace`,
    MAP_HINT,
  );
}

const MODE_HINT = 'there are ro, rw, z, Z, nocopy, [r]private, [r]shared, [r]slave and idmap=';
const MAP_HINT = 'show owners as others: idmap=uids=ON_DISK-SEEN-COUNT;gids=ON_DISK-SEEN-COUNT';

function invalid(
  text: string,
  why = `invalid volume specification: '${printable(text)}'`,
  hint = 'write NAME:DIR, /HOST_DIR:DIR or DIR, and :ro after the first two to protect it',
) {
  return new UsageError('INVALID_VOLUME', why, { hint });
}

/** docker's `--mount` (docker/cli, opts/mount.go; moby, volume/mounts/validate.go). */
import type { MountRequest } from '../../engine.ts';
import { UsageError } from '../../errors.ts';
import { printable } from '../../image/printable.ts';
import { parseRecord } from './csv.ts';
import { invalidArgument } from './invalid.ts';
import { MOUNT_FIELDS, type MountDraft } from './mount-fields.ts';
import { cleanPath } from './mount-words.ts';

/** Which type an option belongs to, by its beginning. */
const FAMILIES = ['bind', 'volume', 'tmpfs', 'image'] as const;

/** Words that are true where they stand without a value. */
const SWITCHES = ['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive'];

/** `type=TYPE,src=SOURCE,dst=DIR,...`. Throws a UsageError in docker's words. */
export function parseMount(text: string, cwd: string): MountRequest {
  const fail = (why: string) => invalidArgument('--mount', text, { why, hint: HINT });
  const fields = parseRecord(text.trim());
  if (text.trim() === '') throw fail('value is empty');
  if (fields === undefined) throw fail('bare " in non-quoted field');
  const draft: MountDraft = { type: 'volume', destination: '' };
  const families = new Set<string>();
  for (const field of fields) readField(field, { draft, families, fail, cwd });
  return validated(draft, families, fail);
}

const HINT = 'write type=bind|volume|tmpfs|image,src=SOURCE,dst=DIR, and readonly to protect it';

interface Reading {
  draft: MountDraft;
  families: Set<string>;
  fail(why: string): UsageError;
  cwd: string;
}

function readField(field: string, { draft, families, fail, cwd }: Reading): void {
  const equals = field.indexOf('=');
  const key = (equals === -1 ? field : field.slice(0, equals)).toLowerCase();
  const isBare = equals === -1 && (SWITCHES.includes(key) || key === 'idmap');
  if (equals === -1 && !isBare) throw fail(`invalid field '${printable(field)}' must be a key=value pair`);
  const value = isBare ? 'true' : field.slice(equals + 1);
  const read = Object.hasOwn(MOUNT_FIELDS, key) ? MOUNT_FIELDS[key] : undefined;
  if (read === undefined) throw fail(`unexpected key '${printable(key)}' in '${printable(field)}'`);
  const family = FAMILIES.find((name) => key.startsWith(`${name}-`));
  if (family !== undefined) families.add(family);
  const bad = (why = '') => fail(`invalid value for ${key}: ${printable(value)}${why}`);
  Object.assign(draft, read(value, { bad, cwd, draft }));
}

function validated(draft: MountDraft, families: Set<string>, fail: Reading['fail']): MountRequest {
  const { type, destination: target, source: from } = draft;
  const kind = FAMILIES.find((name) => name === type);
  const foreign = [...families].find((family) => family !== type);
  if (type === '') throw fail('type is required');
  if (target === '') throw fail('target is required');
  if (foreign !== undefined)
    throw fail(`cannot mix '${foreign}-*' options with mount type '${printable(type)}'`);
  checkRecursion(draft, fail);
  if (kind === undefined) throw invalidConfig(type, 'mount type unknown');
  if (!target.startsWith('/'))
    throw invalidConfig(type, `invalid mount path: '${printable(target)}' mount path must be absolute`);
  if (cleanPath(target) === '/') throw invalidConfig(type, "invalid specification: destination can't be '/'");
  checkSource(kind, from, draft);
  return { ...draft, type: kind, destination: cleanPath(target) };
}

function checkRecursion({ recursive, readonly: ro, propagation }: MountDraft, fail: Reading['fail']): void {
  if (recursive !== 'writable' && recursive !== 'readonly') return;
  if (!ro)
    throw fail(`option 'bind-recursive=${recursive}' requires 'readonly' to be specified in conjunction`);
  if (recursive === 'readonly' && propagation !== 'rprivate') {
    throw fail(
      "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction",
    );
  }
}

function checkSource(type: MountRequest['type'], from: string | undefined, draft: MountDraft): void {
  if (type === 'tmpfs' && from !== undefined) throw invalidConfig(type, 'field Source must not be specified');
  if ((type === 'bind' || type === 'image') && !from)
    throw invalidConfig(type, 'field Source must not be empty');
  if (type === 'bind' && !from!.startsWith('/'))
    throw invalidConfig(type, `invalid mount path: '${printable(from!)}' mount path must be absolute`);
  if (type === 'volume' && from === undefined && draft.subpath !== undefined)
    throw invalidConfig(type, 'must not set Subpath when using anonymous volumes');
  if (draft.subpath !== undefined && !isLocal(draft.subpath))
    throw invalidConfig(type, 'subpath must be a relative path within the volume');
  if (draft.idmap && (type === 'tmpfs' || type === 'image'))
    throw invalidConfig(type, 'idmap must not be specified');
}

/** Relative, and not above where it begins. */
function isLocal(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !cleanPath(`/a/${path}`).match(/^\/(?!a(\/|$))|^\/$/);
}

function invalidConfig(type: string, why: string): UsageError {
  return new UsageError('INVALID_MOUNT', `invalid mount config for type "${printable(type)}": ${why}`, {
    hint: HINT,
  });
}

/** What each key of `--mount` says. */
import type { MountRequest } from '../../engine.ts';
import type { UsageError } from '../../errors.ts';
import { parseSize } from '../size.ts';
import { hostPath, isPropagation, parseIdmap } from './mount-words.ts';

/** A mount that is not checked as a whole yet. */
export type MountDraft = Omit<MountRequest, 'type' | 'destination'> & { type: string; destination: string };

export interface FieldTools {
  /** A UsageError that quotes the key and the value. */
  bad(why?: string): UsageError;
  cwd: string;
  draft: MountDraft;
}

type Field = (value: string, tools: FieldTools) => Partial<MountDraft>;

const source: Field = (value, { cwd }) => ({ source: hostPath(value, cwd) });
const destination: Field = (value) => ({ destination: value });
const readonly: Field = (value, { bad }) => ({ readonly: parseBoolean(value, bad) });
const subpath: Field = (value) => ({ subpath: value });

export const MOUNT_FIELDS: Record<string, Field> = {
  type: (value) => ({ type: value.toLowerCase() }),
  source,
  src: source,
  target: destination,
  dst: destination,
  destination,
  readonly,
  ro: readonly,
  consistency: () => ({}),
  'bind-propagation': (value, { bad }) => {
    const word = value.toLowerCase();
    if (isPropagation(word)) return { propagation: word };
    throw bad(' (must be private, rprivate, shared, rshared, slave or rslave)');
  },
  'bind-nonrecursive': (value, { bad }) => (parseBoolean(value, bad) ? { recursive: 'disabled' } : {}),
  'bind-recursive': (value, { bad }) => {
    const known = ['enabled', 'disabled', 'writable', 'readonly'] as const;
    const recursive = known.find((one) => one === value);
    if (recursive) return { recursive };
    throw bad(' (must be "enabled", "disabled", "writable", or "readonly")');
  },
  idmap: (value, { bad }) => {
    const idmap = parseIdmap(value);
    if (idmap) return { idmap };
    throw bad(' (must be uids=ON_DISK-SEEN-COUNT;gids=ON_DISK-SEEN-COUNT)');
  },
  'volume-nocopy': (value, { bad }) => ({ nocopy: parseBoolean(value, bad) }),
  'volume-subpath': subpath,
  'volume-label': (value, { draft }) => ({ labels: { ...draft.labels, ...pair(value) } }),
  'volume-driver': (value, { bad }) => {
    if (value === 'local') return {};
    throw bad(' (there is only local)');
  },
  'volume-opt': (value, { draft }) => ({ options: { ...draft.options, ...pair(value) } }),
  'image-subpath': subpath,
  'tmpfs-size': (value) => ({ size: parseSize(value, '--mount tmpfs-size') }),
  'tmpfs-mode': (value, { bad }) => {
    if (/^[0-7]{1,5}$/.test(value)) return { fileMode: Number.parseInt(value, 8) };
    throw bad();
  },
};

function pair(text: string): Record<string, string> {
  const equals = text.indexOf('=');
  return equals === -1 ? { [text]: '' } : { [text.slice(0, equals)]: text.slice(equals + 1) };
}

/** Go's strconv.ParseBool. */
function parseBoolean(text: string, bad: () => UsageError): boolean {
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw bad();
}

/** `ps --filter`: which containers a person means. Pure; the words and rules are docker's. */
import { UsageError } from '../errors.ts';
import { hasLabel } from '../image/conditions.ts';
import { quoted } from '../image/printable.ts';
import { familiarName, parseReference } from '../image/reference.ts';
import { publishedPorts } from './inspect/network-settings.ts';
import { portName } from './network/ports.ts';
import { resolveContainer } from './resolve.ts';
import type { Container } from './schema.ts';

/** A container as it is, as far as filters ask. */
export interface Candidate {
  container: Container;
  /** `created`, `running`, `paused`, `exited`. */
  status: string;
  /** `none` for a container without health checks. */
  health: string;
}

/** Values by key; a container must fit one of the values of each key, and all labels. */
export type Filters = Record<string, string[]>;

const STATUSES = ['created', 'restarting', 'running', 'removing', 'paused', 'exited', 'dead'];
const HEALTH = ['starting', 'healthy', 'unhealthy', 'none'];
const KEYS =
  'id name label exited status ancestor before since volume network health is-task publish expose'.split(' ');

/** `key=value` for each. Throws a UsageError for a key or value that is none. */
export function parseFilters(texts: string[]): Filters {
  const filters: Filters = {};
  for (const text of texts) {
    const equals = text.indexOf('=');
    const key = text.slice(0, Math.max(0, equals)).trim().toLowerCase();
    const value = text.slice(equals + 1).trim();
    if (equals === -1) throw invalid(text, 'it is not KEY=VALUE');
    if (!KEYS.includes(key)) throw invalid(text, `there are ${KEYS.join(', ')}`);
    if (key === 'status' && !STATUSES.includes(value))
      throw invalid(text, `it is one of ${STATUSES.join(', ')}`);
    if (key === 'health' && !HEALTH.includes(value)) throw invalid(text, `it is one of ${HEALTH.join(', ')}`);
    if (key === 'exited' && !/^-?\d+$/.test(value)) throw invalid(text, 'it is an exit code');
    filters[key] = [...(filters[key] ?? []), value];
  }
  return filters;
}

/** Those that fit. `before` and `since` name containers of the list; a NotFoundError says which one is not there. */
export function filterContainers<T extends Candidate>(candidates: T[], filters: Filters): T[] {
  const bounds = {
    before: boundOf(candidates, filters, 'before'),
    since: boundOf(candidates, filters, 'since'),
  };
  return candidates.filter((candidate) => {
    const at = candidates.indexOf(candidate);
    // Newest first: what was there before one comes after it.
    if (bounds.before !== undefined && at <= bounds.before) return false;
    if (bounds.since !== undefined && at >= bounds.since) return false;
    return Object.entries(filters).every(([key, values]) => fits(candidate, key, values));
  });
}

/** Where the container stands that the last of the values names. */
function boundOf(candidates: Candidate[], filters: Filters, key: 'before' | 'since'): number | undefined {
  const text = filters[key]?.at(-1);
  if (text === undefined) return undefined;
  const named = candidates.map(({ container }, at) => ({
    id: container.id,
    name: container.config.name,
    at,
  }));
  return resolveContainer(named, text).at;
}

function fits(candidate: Candidate, key: string, values: string[]): boolean {
  const { config, state, id } = candidate.container;
  switch (key) {
    case 'label':
      return values.every((value) => hasLabel(config.labels, value));
    case 'id':
      return values.some((value) => matches(id, value));
    case 'name':
      return values.some((value) => matches(config.name, value) || matches(`/${config.name}`, value));
    case 'status':
      return values.includes(candidate.status);
    case 'health':
      return values.includes(candidate.health);
    case 'exited':
      return candidate.status === 'exited' && values.includes(String(state.exitCode));
    case 'ancestor':
      return values.some((value) => isAncestor(config.image, value));
    case 'volume':
      return values.some((value) =>
        config.binds.some(({ source, destination, volume }) =>
          [volume?.name, source, destination].includes(value),
        ),
      );
    case 'network':
      return values.some((value) => isOnNetwork(candidate.container, value));
    case 'is-task':
      return values.includes('false');
    case 'publish':
      return values.some((value) => hasPort(publishedPorts(state.attachments).map(portName), value));
    case 'expose':
      return values.some((value) => hasPort([...config.exposed, ...config.ports.map(portName)], value));
    default:
      return true;
  }
}

/** By name, or by the ID or its beginning where it is attached. */
function isOnNetwork({ config, state }: Container, wanted: string): boolean {
  if (config.network === wanted || config.networks.some(({ network }) => network === wanted)) return true;
  const ids = (state.attachments ?? []).map(({ network }) => network.id);
  return /^[0-9a-f]{4,64}$/.test(wanted) && ids.some((id) => id.startsWith(wanted));
}

/** `80`, `80-90` or `80/udp`; TCP without a protocol. */
function hasPort(ports: string[], wanted: string): boolean {
  const [range = '', protocol = 'tcp'] = wanted.split('/');
  const [first, last = first] = range.split('-').map(Number);
  return ports.some((port) => {
    const [number, own] = port.split('/');
    return own === protocol && Number(number) >= first! && Number(number) <= last!;
  });
}

/** docker takes a regular expression where it is one. */
function matches(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return text.includes(pattern);
  }
}

/** By name, with or without a tag, or by the image's ID or its beginning; a layer below by its chainID. */
function isAncestor({ reference, id, chainID }: Container['config']['image'], wanted: string): boolean {
  const hex = wanted.replace(/^sha256:/, '');
  if (/^[0-9a-f]{4,64}$/.test(hex) && id.slice('sha256:'.length).startsWith(hex)) return true;
  return chainID === wanted || nameOf(reference) === nameOf(wanted);
}

function nameOf(reference: string): string {
  try {
    return familiarName(parseReference(reference));
  } catch {
    return reference;
  }
}

function invalid(text: string, why: string): UsageError {
  return new UsageError('INVALID_FILTER', `invalid filter ${quoted(text)}: ${why}`, {
    hint: 'as in --filter status=exited or --filter label=KEY=VALUE',
  });
}

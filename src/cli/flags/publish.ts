/** `-p` and `--expose`: docker's forms and words (docker/go-connections, nat). */
import { isIP } from 'node:net';
import type { PortBinding } from '../../engine.ts';
import { UsageError } from '../../errors.ts';

const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const;
const MAX_PORT = 65535;
const HINT = 'as in 8080:80, 127.0.0.1:8080:80/tcp, [::1]::53/udp or 8000-8002:80-82';

type Protocol = PortBinding['protocol'];

interface PortRange {
  first: number;
  last: number;
}

/**
 * The ports of one `-p`: `[[IP:][HOSTPORT[-LAST]]:]PORT[-LAST][/PROTOCOL]`, or docker's `published=...,target=...`. Ranges of
 * equal length go pairwise; a range of the host's for one port means the first free one. Throws UsageErrors.
 */
export function parsePublish(text: string): PortBinding[] {
  const [address, protocol] = splitProtocol(text.includes('=') ? standardForm(text) : text);
  const { hostIp, hostPort, port } = splitAddress(address);
  if (port === '') throw invalid(`no port specified: ${text}<empty>`);
  const inside = parseRange(port) ?? fail(`invalid containerPort: ${port}`);
  const outside =
    hostPort === '' ? undefined : (parseRange(hostPort) ?? fail(`invalid hostPort: ${hostPort}`));
  if (isIP(hostIp) === 0 && hostIp !== '') throw invalid(`invalid IP address: ${hostIp}`);
  if (!outside) return spread(inside, (containerPort) => ({ hostIp, hostPort: 0, containerPort, protocol }));
  const many = outside.last - outside.first;
  if (many === inside.last - inside.first) {
    const ahead = outside.first - inside.first;
    return spread(inside, (containerPort) => ({
      hostIp,
      hostPort: containerPort + ahead,
      containerPort,
      protocol,
    }));
  }
  if (inside.first !== inside.last) {
    throw invalid(`invalid ranges specified for container and host Ports: ${port} and ${hostPort}`);
  }
  const { first: hostFirst, last: lastHostPort } = outside;
  return [{ hostIp, hostPort: hostFirst, lastHostPort, containerPort: inside.first, protocol }];
}

/** `--expose PORT[-LAST][/PROTOCOL]`, as `80/tcp` each. Throws a UsageError. */
export function parseExpose(text: string): string[] {
  const [port, protocol] = splitProtocol(text);
  const range = parseRange(port);
  if (!range) {
    throw new UsageError('INVALID_PORT', `invalid range format for --expose: ${text}`, {
      hint: 'as in 80, 53/udp or 8000-8010',
    });
  }
  return spread(range, (number) => `${number}/${protocol}`);
}

function standardForm(text: string): string {
  const parameters: Record<string, string> = { protocol: 'tcp', published: '' };
  for (const word of text.split(',')) {
    const [key = '', value] = word.split('=', 2);
    if (value === undefined || key === '') {
      throw invalid(`invalid publish opts format (should be name=value but got '${word}')`);
    }
    parameters[key] = value;
  }
  const { published, target = '', protocol } = parameters;
  return `${published}:${target}/${protocol}`;
}

function splitProtocol(text: string): [rest: string, protocol: Protocol] {
  const [rest = '', word = 'tcp', ...more] = text.split('/');
  const protocol = word.toLowerCase();
  if (more.length === 0 && (PROTOCOLS as readonly string[]).includes(protocol))
    return [rest, protocol as Protocol];
  throw invalid(`invalid proto: ${[word, ...more].join('/')}`);
}

/** What is before the last two colons is an address, with or without brackets. */
function splitAddress(text: string): { hostIp: string; hostPort: string; port: string } {
  const words = text.split(':');
  const port = words.pop() ?? '';
  const hostPort = words.pop() ?? '';
  const hostIp = words.join(':');
  return { hostIp: /^\[.*\]$/.test(hostIp) ? hostIp.slice(1, -1) : hostIp, hostPort, port };
}

function parseRange(text: string): PortRange | undefined {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  if (first === undefined) return undefined;
  const range = { first: Number(first), last: Number(last) };
  return range.first <= range.last && range.last <= MAX_PORT ? range : undefined;
}

function spread<T>({ first, last }: PortRange, make: (port: number) => T): T[] {
  return Array.from({ length: last - first + 1 }, (_, at) => make(first + at));
}

function fail(message: string): never {
  throw invalid(message);
}

function invalid(message: string): UsageError {
  return new UsageError('INVALID_PORT', message, { hint: HINT });
}

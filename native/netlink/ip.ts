/** IP addresses between text and the bytes of the wire. */
import { isIP } from 'node:net';
import { AF_INET, AF_INET6 } from '../constants.ts';

/** Four bytes or sixteen. Throws a TypeError for what is no address. */
export function parseAddress(text: string): Buffer {
  const version = isIP(text);
  if (version === 0 || text.includes('%')) throw new TypeError(`no IP address: ${JSON.stringify(text)}`);
  return version === 4 ? Buffer.from(text.split('.').map(Number)) : parseLong(text);
}

/** An address with the length of its prefix; all of it when none is told. */
export function parsePrefix(text: string): { address: Buffer; length: number } {
  const [head = '', tail] = text.split('/');
  const address = parseAddress(head);
  const length = tail === undefined ? address.length * 8 : Number(tail);
  if (!/^\d{1,3}$/.test(tail ?? '0') || length > address.length * 8)
    throw new TypeError(`no IP prefix: ${JSON.stringify(text)}`);
  return { address, length };
}

export function formatAddress(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.');
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(2 * at).toString(16));
  return compress(groups);
}

export function familyOf(address: Buffer): number {
  return address.length === 4 ? AF_INET : AF_INET6;
}

function parseLong(text: string): Buffer {
  const dotted = text.lastIndexOf('.') < 0 ? undefined : text.slice(text.lastIndexOf(':') + 1);
  const plain = dotted === undefined ? text : text.slice(0, -dotted.length) + asGroups(dotted);
  const [head = [], tail] = plain.split('::').map((part) => part.split(':').filter(Boolean));
  const missing = tail === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...Array<string>(missing).fill('0'), ...(tail ?? [])];
  const bytes = Buffer.alloc(16);
  for (const [at, group] of groups.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * at);
  return bytes;
}

function asGroups(dotted: string): string {
  const hex = Buffer.from(dotted.split('.').map(Number)).toString('hex');
  return `${hex.slice(0, 4)}:${hex.slice(4)}`;
}

/** RFC 5952: the longest run of zeros, of two groups at least, is left out. */
function compress(groups: string[]): string {
  const text = groups.join(':');
  const runs = [...text.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].map(([run]) => run);
  const longest = runs.reduce((best, run) => (zeros(run) > zeros(best) ? run : best), '');
  if (longest === '') return text;
  const [before = '', after = ''] = splitOnce(text, longest);
  return `${before}::${after.replace(/^:/, '')}`;
}

function zeros(run: string): number {
  return run.split('0').length - 1;
}

function splitOnce(text: string, part: string): [string, string] {
  const at = text.indexOf(part);
  return [text.slice(0, at), text.slice(at + part.length)];
}

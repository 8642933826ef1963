/** Our lines in a container's /etc/hosts: one marked block a network, so that a user's own lines stay. Pure. */

/** One line: an address, and the names that stand for it. */
export interface HostLine {
  address: string;
  names: string[];
}

/** RFC 952 and 1123 with the underscore that docker's names may have; nothing else ever gets into a file of hosts. */
const NAME = /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9_])?$/;
/** Names whose address is not for other containers to say. */
const RESERVED = /^(localhost(\..*)?|ip6-.*|host\.docker\.internal|gateway\.docker\.internal)$/i;

/** True for a text that may be a name in /etc/hosts. */
export function isHostName(text: string): boolean {
  return NAME.test(text);
}

/** The names that a container may take on a network that it shares with others. */
export function namesForOthers(names: string[]): string[] {
  return [...new Set(names)].filter((name) => isHostName(name) && !RESERVED.test(name));
}

/** `text` with the block of the network replaced, put at its end, or taken away when there are no lines. */
export function withBlock(text: string, network: string, lines: HostLine[]): string {
  const [begin, end] = markers(network);
  const kept = text.split('\n');
  if (kept.at(-1) === '') kept.pop();
  const first = kept.indexOf(begin);
  const last = kept.indexOf(end, first);
  const block = lines.length === 0 ? [] : [begin, ...lines.map(formatLine), end];
  if (first !== -1 && last !== -1) kept.splice(first, last - first + 1, ...block);
  else kept.push(...block);
  return kept.map((line) => `${line}\n`).join('');
}

function markers(network: string): [begin: string, end: string] {
  return [`# gocker: network ${network}`, `# gocker: end of ${network}`];
}

function formatLine({ address, names }: HostLine): string {
  return `${address}\t${names.join(' ')}`;
}

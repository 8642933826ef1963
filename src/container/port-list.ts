/** A container's ports in one line, as `ps` shows them. Pure. */
import { portName } from './network/ports.ts';
import type { ContainerConfig, NetworkAttachment } from './schema.ts';

interface Shown {
  /** Empty for a port that is exposed alone. */
  hostIp: string;
  hostPort: number;
  port: number;
  protocol: string;
}

/**
 * `443/tcp, 0.0.0.0:9000-9001->9000-9001/tcp, [::]:8080->80/tcp`: neighbours are drawn together where both sides have the same
 * number, and stand before the others, as docker does it (docker/cli, DisplayablePorts).
 */
export function portList(config: ContainerConfig, attachments: NetworkAttachment[] | undefined): string {
  // One that does not run has none.
  if (!attachments) return '';
  const published = attachments.flatMap(({ made }) => made.ports);
  const bound = new Set(published.map(portName));
  const exposed = config.exposed.filter((port) => !bound.has(port)).map((port) => port.split('/'));
  const shown: Shown[] = [
    ...exposed.map(([port, protocol = 'tcp']) => ({ hostIp: '', hostPort: 0, port: Number(port), protocol })),
    ...published.map((one) => ({ ...one, port: one.containerPort })),
  ].sort(inOrder);
  const isAlike = ({ hostIp, hostPort, port }: Shown) => hostIp === '' || hostPort === port;
  const alike = shown.filter(isAlike).sort((a, b) => compare(groupOf(a), groupOf(b)) || a.port - b.port);
  const others = shown.filter((one) => !isAlike(one)).map((one) => [one]);
  return [...drawTogether(alike), ...others].map(formatRange).join(', ');
}

function inOrder(a: Shown, b: Shown): number {
  return (
    a.port - b.port ||
    compare(a.hostIp, b.hostIp) ||
    a.hostPort - b.hostPort ||
    compare(a.protocol, b.protocol)
  );
}

function groupOf({ hostIp, protocol }: Shown): string {
  return `${hostIp}/${protocol}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Runs of ports in which each is one more than the one before. */
function drawTogether(sorted: Shown[]): Shown[][] {
  const runs: Shown[][] = [];
  for (const one of sorted) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run && last && follows(last, one)) run.push(one);
    else runs.push([one]);
  }
  return runs;
}

function follows(last: Shown, next: Shown): boolean {
  return groupOf(last) === groupOf(next) && next.port === last.port + 1;
}

function formatRange(run: Shown[]): string {
  const { hostIp, protocol } = run[0]!;
  const inside = `${formatPorts(run.map(({ port }) => port))}/${protocol}`;
  if (hostIp === '') return inside;
  const address = hostIp.includes(':') ? `[${hostIp}]` : hostIp;
  return `${address}:${formatPorts(run.map(({ hostPort }) => hostPort))}->${inside}`;
}

function formatPorts(ports: number[]): string {
  return ports.length === 1 ? String(ports[0]) : `${ports[0]}-${ports.at(-1)}`;
}

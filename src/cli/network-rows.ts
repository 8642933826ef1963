import type { NetworkSummary } from '../engine.ts';
import { formatTimestamp } from './format.ts';
import type { Column, Row } from './template.ts';

export const NETWORK_COLUMNS: Column[] = [
  ['ID', 'NETWORK ID'],
  ['Name', 'NAME'],
  ['Driver', 'DRIVER'],
  ['Scope', 'SCOPE'],
];

/** A network as `docker network ls` shows it, with docker's JSON keys. */
export function networkRow(network: NetworkSummary, options: { truncate: boolean }): Row {
  const { id, name, driver, created, ipv6, internal, labels } = network;
  return {
    CreatedAt: formatTimestamp(created),
    Driver: driver,
    ID: options.truncate ? id.slice(0, 12) : id,
    IPv4: 'true',
    IPv6: String(ipv6),
    Internal: String(internal),
    Label: (key: string) => labels[key] ?? '',
    Labels: Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    Name: name,
    Scope: 'local',
  };
}

/** `system df`, with docker's columns and JSON keys. */
import type { Category, DiskUsage } from '../engine.ts';
import { shortOf } from '../image/digest.ts';
import { containerRow } from './container-rows.ts';
import { formatAge, formatSize } from './format.ts';
import { type Column, type Row, renderListing } from './template.ts';

export const USAGE_COLUMNS: Column[] = [
  ['Type', 'TYPE'],
  ['TotalCount', 'TOTAL'],
  ['Active', 'ACTIVE'],
  ['Size', 'SIZE'],
  ['Reclaimable', 'RECLAIMABLE'],
];

/** A row a kind; what docker does not have comes after its own. */
export function usageRows({ categories, other, total }: DiskUsage): Row[] {
  const { images, containers, volumes, downloads } = categories;
  return [
    categoryRow('Images', images),
    categoryRow('Containers', containers),
    categoryRow('Local Volumes', volumes),
    categoryRow('Partial Downloads', downloads),
    { Type: 'Other', TotalCount: '', Active: '', Size: formatSize(other), Reclaimable: '' },
    { Type: 'Total', TotalCount: '', Active: '', Size: formatSize(total), Reclaimable: '' },
  ];
}

function categoryRow(type: string, { total, active, size, reclaimable }: Category): Row {
  const percent = size === 0 ? '' : ` (${Math.floor((reclaimable * 100) / size)}%)`;
  return {
    Type: type,
    TotalCount: String(total),
    Active: String(active),
    Size: formatSize(size),
    Reclaimable: `${formatSize(reclaimable)}${percent}`,
  };
}

/** `--verbose`: docker's sections, and one for layers. */
export function usageText(usage: DiskUsage, now: number): string {
  const { downloads, orphans, other } = usage;
  return [
    heading('Images', imageTable(usage, now)),
    heading('Layers', layerTable(usage)),
    heading('Containers', containerTable(usage, now)),
    heading('Local Volumes', volumeTable(usage)),
    heading('Partial Downloads', downloadTable(downloads)),
    `Other space usage: ${formatSize(other)}, ${formatSize(orphans)} of it below the storage driver's folder outside of all layers and containers\n`,
    `Total space usage: ${formatSize(usage.total)}\n`,
  ].join('\n');
}

function heading(kind: string, table: string): string {
  return `${kind} space usage:\n\n${table}`;
}

function imageTable({ images }: DiskUsage, now: number): string {
  const rows = images.flatMap(({ id, names, created, size, shared, containers }) =>
    names.map(({ repository = '<none>', tag = '<none>' }) => ({
      Repository: repository,
      Tag: tag,
      ID: shortOf(id),
      CreatedSince: formatAge(created, now),
      Size: formatSize(size),
      SharedSize: formatSize(shared),
      UniqueSize: formatSize(size - shared),
      Containers: String(containers),
    })),
  );
  return renderListing({
    rows,
    columns: [
      ['Repository', 'REPOSITORY'],
      ['Tag', 'TAG'],
      ['ID', 'IMAGE ID'],
      ['CreatedSince', 'CREATED'],
      ['Size', 'SIZE'],
      ['SharedSize', 'SHARED SIZE'],
      ['UniqueSize', 'UNIQUE SIZE'],
      ['Containers', 'CONTAINERS'],
    ],
  });
}

function layerTable({ layers }: DiskUsage): string {
  const rows = layers.map(({ chainID, images, packed, unpacked }) => ({
    Layer: shortOf(chainID),
    Images: String(images.length),
    Packed: formatSize(packed),
    Unpacked: formatSize(unpacked),
    Shared: formatSize(images.length > 1 ? packed + unpacked : 0),
    Unique: formatSize(images.length > 1 ? 0 : packed + unpacked),
  }));
  return renderListing({
    rows,
    columns: [
      ['Layer', 'LAYER'],
      ['Images', 'IMAGES'],
      ['Packed', 'PACKED'],
      ['Unpacked', 'UNPACKED'],
      ['Shared', 'SHARED SIZE'],
      ['Unique', 'UNIQUE SIZE'],
    ],
  });
}

function containerTable({ containers }: DiskUsage, now: number): string {
  const rows = containers.map(({ container, running, upper, logs, rest }) => {
    const summary = { container, running, status: container.state.status, health: 'none' };
    return {
      ...containerRow(summary, { truncate: true, now }),
      Size: formatSize(upper),
      Logs: formatSize(logs),
      Records: formatSize(rest),
    };
  });
  return renderListing({
    rows,
    columns: [
      ['ID', 'CONTAINER ID'],
      ['Image', 'IMAGE'],
      ['Command', 'COMMAND'],
      ['LocalVolumes', 'LOCAL VOLUMES'],
      ['Size', 'SIZE'],
      ['Logs', 'LOGS'],
      ['Records', 'RECORDS'],
      ['RunningFor', 'CREATED'],
      ['Status', 'STATUS'],
      ['Names', 'NAMES'],
    ],
  });
}

function volumeTable({ volumes }: DiskUsage): string {
  const rows = volumes.map(({ name, links, size }) => ({
    Name: name,
    Links: String(links),
    Size: formatSize(size),
  }));
  return renderListing({
    rows,
    columns: [
      ['Name', 'VOLUME NAME'],
      ['Links', 'LINKS'],
      ['Size', 'SIZE'],
    ],
  });
}

function downloadTable(downloads: DiskUsage['downloads']): string {
  const rows = downloads.map(({ digest, size }) => ({ Digest: digest, Size: formatSize(size) }));
  return renderListing({
    rows,
    columns: [
      ['Digest', 'DIGEST'],
      ['Size', 'SIZE'],
    ],
  });
}

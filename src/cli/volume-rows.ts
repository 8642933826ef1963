import type { VolumeSummary } from '../engine.ts';
import type { Column, Row } from './template.ts';

export const VOLUME_COLUMNS: Column[] = [
  ['Driver', 'DRIVER'],
  ['Name', 'VOLUME NAME'],
];

/** A volume as `docker volume ls` shows it, with docker's JSON keys. */
export function volumeRow({ volume }: VolumeSummary): Row {
  return {
    Availability: 'N/A',
    Driver: 'local',
    Group: 'N/A',
    Label: (key: string) => volume.labels[key] ?? '',
    Labels: Object.entries(volume.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    Links: 'N/A',
    Mountpoint: volume.mountpoint,
    Name: volume.name,
    Scope: 'local',
    Size: 'N/A',
    Status: 'N/A',
  };
}

/** The same with typed values, for `--json`. */
export function volumeRecord({ volume, users }: VolumeSummary) {
  return {
    Name: volume.name,
    Driver: 'local',
    Created: volume.created,
    Mountpoint: volume.mountpoint,
    Labels: volume.labels,
    Options: volume.options,
    Containers: users,
  };
}

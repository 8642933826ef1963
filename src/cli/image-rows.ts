import type { ImageSummary } from '../engine.ts';
import { hexOf, shortOf } from '../image/digest.ts';
import { formatAge, formatSize, formatTimestamp } from './format.ts';
import type { Column, Row } from './template.ts';

const NONE = '<none>';

/** docker's columns; `digests` adds one. */
export function imageColumns(options: { digests: boolean }): Column[] {
  return [
    ['Repository', 'REPOSITORY'],
    ['Tag', 'TAG'],
    ...(options.digests ? [['Digest', 'DIGEST'] satisfies Column] : []),
    ['ID', 'IMAGE ID'],
    ['CreatedSince', 'CREATED'],
    ['Size', 'SIZE'],
  ];
}

/** A name of an image with typed values, for `--json`. */
export function imageRecord({ id, repository, tag, digest, created, size }: ImageSummary) {
  return {
    ID: `sha256:${hexOf(id)}`,
    Repository: repository ?? null,
    Tag: tag ?? null,
    Digest: digest ?? null,
    Created: created ?? null,
    Size: size,
  };
}

/** A name of an image as `docker images` shows it, with docker's JSON keys. `now` in milliseconds. */
export function imageRow(image: ImageSummary, options: { truncate: boolean; now: number }): Row {
  return {
    Containers: 'N/A',
    CreatedAt: formatTimestamp(image.created),
    CreatedSince: formatAge(image.created, options.now),
    Digest: image.digest ?? NONE,
    ID: options.truncate ? shortOf(image.id) : `sha256:${hexOf(image.id)}`,
    Repository: image.repository ?? NONE,
    SharedSize: 'N/A',
    Size: formatSize(image.size),
    Tag: image.tag ?? NONE,
    UniqueSize: 'N/A',
  };
}

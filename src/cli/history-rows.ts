import type { HistoryEntry } from '../engine.ts';
import { shortOf } from '../image/digest.ts';
import { ellipsis, formatAge, formatSize } from './format.ts';
import type { Column, Row } from './template.ts';

const MISSING = '<missing>';
const CREATED_BY = 45;

/** docker's columns. */
export function historyColumns({ human }: { human: boolean }): Column[] {
  return [
    ['ID', 'IMAGE'],
    ['CreatedSince', human ? 'CREATED' : 'CREATED AT'],
    ['CreatedBy', 'CREATED BY'],
    ['Size', 'SIZE'],
    ['Comment', 'COMMENT'],
  ];
}

/** A step as `docker history` shows it, with docker's JSON keys. `now` in milliseconds. */
export function historyRow(
  { id, created, createdBy, size, comment }: HistoryEntry,
  { truncate, human, now }: { truncate: boolean; human: boolean; now: number },
): Row {
  const text = createdBy.replace(/\t/g, ' ');
  const at = created ?? 'N/A';
  return {
    Comment: comment,
    CreatedAt: at,
    CreatedBy: truncate ? ellipsis(text, CREATED_BY) : text,
    CreatedSince: human ? formatAge(created, now) : at,
    ID: id === undefined ? MISSING : truncate ? shortOf(id) : id,
    Size: human ? formatSize(size) : String(size),
  };
}

import { ConflictError, NotFoundError } from '../errors.ts';
import { noSuch } from '../image/printable.ts';

/** What a person may call a container by; `name` is absent where its record cannot be read. */
export interface Named {
  id: string;
  name?: string;
}

/**
 * The one that `text` names: by full ID, by name, or by a prefix of the ID that fits no other. Throws a NotFoundError,
 * or a ConflictError that lists the ones that fit.
 */
export function resolveContainer<T extends Named>(containers: T[], text: string): T {
  const name = text.replace(/^\//, '');
  const exact = containers.find((one) => one.id === text) ?? containers.find((one) => one.name === name);
  if (exact) return exact;
  const fitting = /^[0-9a-f]+$/.test(text) ? containers.filter((one) => one.id.startsWith(text)) : [];
  if (fitting.length === 1) return fitting[0]!;
  if (fitting.length === 0) {
    throw new NotFoundError('CONTAINER_NOT_FOUND', noSuch('container', text), {
      hint: 'list all with: gocker ps -a',
    });
  }
  const list = fitting.map((one) => `${one.id.slice(0, 12)}${one.name ? ` (${one.name})` : ''}`);
  throw new ConflictError('AMBIGUOUS_ID', `${text} fits several containers: ${list.join(', ')}`, {
    hint: 'give more digits of the ID, or the name',
  });
}

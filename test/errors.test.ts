import { describe, expect, it } from 'vitest';
import { ConflictError, DigestMismatchError, GockerError, hasCode, NotFoundError } from '../src/errors.ts';

/** Another instance of the module to Node, as a second bundle would hold one. */
const COPY = '../src/errors.ts?copy';

describe('errors', () => {
  it('are what their class says, and what it stands on', () => {
    const error = new NotFoundError('NO_SUCH', 'no such thing', { hint: 'look elsewhere' });
    expect([GockerError, NotFoundError, Error].map((type) => error instanceof type)).toEqual([
      true,
      true,
      true,
    ]);
    expect(error instanceof ConflictError).toBe(false);
    expect(new GockerError('X', 'x') instanceof NotFoundError).toBe(false);
    for (const other of [new Error('x'), null, undefined, 'x', {}])
      expect(other instanceof GockerError).toBe(false);
  });

  it('are recognised from another copy of the module, as a driver may bring one', async () => {
    const copy = (await import(COPY)) as typeof import('../src/errors.ts');
    expect(copy.ConflictError).not.toBe(ConflictError);
    const error = new copy.ConflictError('IN_USE', 'in use');
    expect(error instanceof ConflictError).toBe(true);
    expect(error instanceof NotFoundError).toBe(false);
  });

  it('say what was expected and what was found', () => {
    expect(new DigestMismatchError('layer', 'a', 'b').message).toBe('layer: expected a, found b');
  });

  it('have codes like those of Node', () => {
    expect(hasCode(new GockerError('ENOENT', 'x'), 'EEXIST', 'ENOENT')).toBe(true);
    expect(hasCode(new GockerError('ENOENT', 'x'), 'EEXIST')).toBe(false);
    expect(hasCode('ENOENT', 'ENOENT')).toBe(false);
  });
});

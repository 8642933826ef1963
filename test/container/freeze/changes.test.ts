import { describe, expect, it } from 'vitest';
import { onTop } from '../../../src/container/freeze/changes.ts';
import type { Change } from '../../../src/driver/index.ts';

const LETTERS: Record<string, Change['kind']> = { A: 'added', C: 'changed', D: 'deleted' };
const parse = (lines: string[]): Change[] =>
  lines.map((line) => ({ kind: LETTERS[line[0]!]!, path: line.slice(2) }));

describe('onTop', () => {
  it.each<[what: string, below: string[], above: string[], together: string[]]>([
    ['what only one of them says', ['A /a'], ['C /b'], ['A /a', 'C /b']],
    ['a new file that is changed', ['A /a'], ['C /a'], ['A /a']],
    ['a new file that is deleted', ['A /a', 'C /'], ['D /a'], ['C /']],
    ['a changed file that is deleted', ['C /a'], ['D /a'], ['D /a']],
    ['a deleted file that comes back', ['D /a'], ['A /a'], ['C /a']],
    ['a directory that is deleted with all in it', ['C /d', 'A /d/x', 'A /dx'], ['D /d'], ['D /d', 'A /dx']],
    ['a new directory that is deleted', ['A /d', 'A /d/x'], ['D /d'], []],
  ])('%s', (_, below, above, together) => {
    expect(onTop(parse(below), parse(above))).toEqual(parse(together));
  });
});

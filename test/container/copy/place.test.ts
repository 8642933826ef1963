import { describe, expect, it } from 'vitest';
import { parsePlace, planCopy } from '../../../src/container/copy/place.ts';
import type { Kind } from '../../../src/runtime/copy/look.ts';

/** Beside each what docker 20.10 did with the same. */
function plan(source: [string, Kind], destination: [string, Kind, Kind?]) {
  return planCopy(
    { place: parsePlace(source[0], '/'), kind: source[1] },
    {
      place: parsePlace(destination[0], '/here'),
      kind: destination[1],
      parentKind: destination[2] ?? 'directory',
    },
  );
}

describe('where a copy goes', () => {
  it.each<[[string, Kind], [string, Kind, Kind?], { directory: string; name: string }]>([
    [['/a', 'other'], ['new', undefined], { directory: '/here', name: 'new' }],
    [['/a', 'other'], ['/x/old', 'other'], { directory: '/x', name: 'old' }],
    [['/a', 'other'], ['.', 'directory'], { directory: '/here', name: 'a' }],
    [['/a', 'link'], ['d/', 'directory'], { directory: '/here/d', name: 'a' }],
    [['a', 'other'], ['/', 'directory'], { directory: '/', name: 'a' }],
    [['/d', 'directory'], ['new', undefined], { directory: '/here/new', name: '' }],
    [['/d', 'directory'], ['new/', undefined], { directory: '/here/new', name: '' }],
    [['/d', 'directory'], ['e', 'directory'], { directory: '/here/e/d', name: '' }],
    [['/d/', 'directory'], ['e', 'directory'], { directory: '/here/e/d', name: '' }],
    [['/d/.', 'directory'], ['e', 'directory'], { directory: '/here/e', name: '' }],
    [['/d/.', 'directory'], ['new', undefined], { directory: '/here/new', name: '' }],
    [['/', 'directory'], ['e', 'directory'], { directory: '/here/e', name: '' }],
    [['/d/../x', 'other'], ['new', undefined], { directory: '/here', name: 'new' }],
  ])('%j to %j', (source, destination, goal) => expect(plan(source, destination)).toEqual(goal));

  it.each<[[string, Kind], [string, Kind, Kind?], string]>([
    [['/a', undefined], ['new', undefined], '"/a": no such file'],
    [['/a/', 'other'], ['new', undefined], 'what is not a directory'],
    [['/a/.', 'other'], ['new', undefined], 'what is not a directory'],
    [['/a', 'other'], ['new/', undefined], '"new/": no such directory'],
    [['/a', 'other'], ['no/new', undefined, 'other'], '"/here/no": no such directory'],
    [['/a', 'other'], ['old/', 'other'], 'not a directory'],
    [['/d', 'directory'], ['old', 'other'], 'over a file'],
  ])('refuses %j to %j', (source, destination, why) => expect(() => plan(source, destination)).toThrow(why));
});

import { expect, test } from 'vitest';
import { parseChallenges } from '../../src/registry/challenge.ts';

const read = (header: string | undefined) =>
  parseChallenges(header).map(({ scheme, params }) => [scheme, Object.fromEntries(params)]);

test.each([
  [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/a:pull,push"',
    [
      [
        'bearer',
        {
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:library/a:pull,push',
        },
      ],
    ],
  ],
  ['Basic realm="say \\"hi\\"", charset="UTF-8"', [['basic', { realm: 'say "hi"', charset: 'UTF-8' }]]],
  ['BASIC Realm=x', [['basic', { realm: 'x' }]]],
  ['Bearer realm=https://h/token,service=s', [['bearer', { realm: 'https://h/token', service: 's' }]]],
  [
    'Negotiate abc==, Basic realm="a", Bearer realm="b" , scope = "c"',
    [
      ['negotiate', {}],
      ['basic', { realm: 'a' }],
      ['bearer', { realm: 'b', scope: 'c' }],
    ],
  ],
  [
    'Negotiate, Basic',
    [
      ['negotiate', {}],
      ['basic', {}],
    ],
  ],
  ['Bearer realm="a",realm="b"', [['bearer', { realm: 'a' }]]],
  ['Bearer realm="open', [['bearer', {}]]],
  ['="x"', []],
  ['', []],
  [undefined, []],
])('%s', (header, challenges) => {
  expect(read(header)).toEqual(challenges);
});

test('long nonsense is read quickly', () => {
  const started = performance.now();
  for (const piece of ['a ', 'a=', '"', '\\', ', ', 'a="\\', '= ']) parseChallenges(piece.repeat(8000));
  expect(performance.now() - started).toBeLessThan(2000);
});

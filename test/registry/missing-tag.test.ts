import { expect, test } from 'vitest';
import { parseReference } from '../../src/image/reference.ts';
import { client, failure, image, patientClient, registry } from '../fixtures/client.ts';
import type { Behaviour } from '../fixtures/registry.ts';

async function missing(name: string, tags: string[], behaviour: Behaviour = {}) {
  const origin = await registry({ access: { scheme: 'bearer' } });
  for (const tag of tags) origin.addImage('team/app', tag, image);
  // distribution's own registry says so of unknown names, too.
  origin.misbehave(/manifests/, { when: ({ headers }) => 'authorization' in headers, ...unknown });
  origin.misbehave(/tags/, behaviour);
  const error = await failure(patientClient().fetchManifest(parseReference(`${origin.host}/${name}`)));
  const told = [error.message, error.hint].map((text) => text?.replaceAll(origin.host, 'HOST'));
  const asked = origin.requests.filter(({ path }) => path.includes('/tags/')).length;
  return { code: error.code, told, asked };
}

const unknown: Behaviour = { status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no"}]}' };

test('the name is wrong', async () => {
  expect(await missing('team/apt:1', [])).toEqual({
    code: 'IMAGE_NOT_FOUND',
    told: ['there is no HOST/team/apt', 'check the spelling of the name'],
    asked: 1,
  });
});

test('the tag is wrong: those that are like it are told', async () => {
  const { told } = await missing('team/app:lastest', ['1.0', 'latest', '2.0', 'edge', '3.0', '4.0']);
  expect(told[0]).toBe('HOST/team/app has no tag lastest');
  expect(told[1]).toMatch(/^check the spelling; its tags are latest, .*, \.\.\. \(7 in all\)$/);
  expect((await missing('team/app:2', [])).told[1]).toBe('check the spelling; its tags are 1');
});

test('there are no tags', async () => {
  expect((await missing('team/app:2', [], { body: '{"name":"team/app","tags":null}' })).told[1]).toBe(
    'nothing is tagged there',
  );
});

test.each<[string, Behaviour]>([
  ['404 for something else', { status: 404, body: '' }],
  ['401', { status: 401 }],
  ['500', { status: 500 }],
  ['a page', { html: true }],
  ['silence', { stallAfter: -1 }],
  ['no end', { endless: true }],
  ['nonsense', { body: '{"tags":[7]}' }],
])(
  'when the list of tags is %s, the first error stands, and nothing is asked again',
  async (_, behaviour) => {
    expect(await missing('team/app:2', [], behaviour)).toEqual({
      code: 'IMAGE_NOT_FOUND',
      told: ['HOST/team/app has no tag 2', 'check the spelling of the name and of the tag or digest'],
      asked: 1,
    });
  },
);

test('what tags are called is made fit for a terminal', async () => {
  const { told } = await missing('team/app:2', [], { body: JSON.stringify({ tags: ['a\u001b]0;x\u0007'] }) });
  expect(told[1]).toBe('check the spelling; its tags are a\\u{1b}]0;x\\u{7}');
});

test('a digest has no tag, and a mirror is not the one to ask', async () => {
  expect(await missing(`team/app@sha256:${'0'.repeat(64)}`, [])).toMatchObject({ asked: 0 });
  const [origin, mirror] = [await registry(), await registry()];
  mirror.misbehave(/manifests/, unknown);
  const one = client({ settings: { mirrors: { [origin.host]: [mirror.url] }, insecure: [] } });
  expect((await one.fetchManifest(parseReference(`${origin.host}/team/app:1`))).source).toBe(origin.url);
  expect(mirror.requests).toHaveLength(1);
});

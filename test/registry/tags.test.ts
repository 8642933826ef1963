import { describe, expect, it } from 'vitest';
import { parseReference } from '../../src/image/reference.ts';
import { createConnection } from '../../src/registry/connection.ts';
import { listTags } from '../../src/registry/tags.ts';
import { failure, registry } from '../fixtures/client.ts';
import type { TestRegistry } from '../fixtures/registry.ts';

const PATH = '/v2/team/app/tags/list';

const list = (from: TestRegistry) =>
  listTags(
    createConnection({ retries: { sleep: async () => {} } }),
    parseReference(`${from.host}/team/app:whatever`),
  );

/** Answers the pages one after the other. */
function serve(from: TestRegistry, pages: { tags: string[] | null; link?: string }[]): void {
  for (const { tags, link } of pages) {
    from.misbehave(PATH, {
      status: 200,
      times: 1,
      headers: { 'content-type': 'application/json', ...(link !== undefined && { link }) },
      body: JSON.stringify({ name: 'team/app', tags }),
    });
  }
}

describe('listTags', () => {
  it('orders them as people do, each once', async () => {
    const from = await registry();
    serve(from, [{ tags: ['1.10', 'latest', '1.9', '1.9', '2'] }]);
    expect(await list(from)).toEqual(['1.9', '1.10', '2', 'latest']);
    expect(from.requests.at(-1)!.path).toBe(`${PATH}?n=1000`);
  });

  it('turns pages, whatever the address that the next one is given by', async () => {
    const from = await registry();
    serve(from, [
      { tags: ['a'], link: '</v2/team/app/tags/list?last=a&n=1>; rel="next"' },
      { tags: ['b'], link: '<https://elsewhere.example/v2/x/tags/list?last=b&n=1>; rel=next' },
      { tags: ['c'], link: '</v2/team/app/tags/list?last=c>; rel="prev"' },
    ]);
    expect(await list(from)).toEqual(['a', 'b', 'c']);
    expect(from.requests.map(({ path }) => path.slice(PATH.length))).toEqual([
      '?n=1000',
      '?last=a&n=1',
      '?last=b&n=1',
    ]);
  });

  it('takes a registry of no tags for what it is', async () => {
    const from = await registry();
    serve(from, [{ tags: null }]);
    expect(await list(from)).toEqual([]);
  });

  it('stops at a registry that goes in circles', async () => {
    const from = await registry();
    let page = 0;
    from.misbehave(PATH, {
      status: 200,
      body: '{"tags":["a"]}',
      headers: {
        'content-type': 'application/json',
        get link() {
          return `<${PATH}?last=${page++}>; rel="next"`;
        },
      },
    });
    expect(await failure(list(from))).toMatchObject({ code: 'TOO_MANY_TAGS' });
    expect(from.requests).toHaveLength(200);
  });

  it('tries again what may pass, and says what there is not', async () => {
    const from = await registry();
    from.misbehave(PATH, { status: 503, times: 1 });
    serve(from, [{ tags: ['a'] }]);
    expect(await list(from)).toEqual(['a']);
    from.reset();
    from.misbehave(PATH, { status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN","message":"unknown"}]}' });
    expect(await failure(list(from))).toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      message: `there is no ${from.host}/team/app`,
    });
  });

  it.each([['{"tags":"a"}'], ['[]'], ['{"tags":["a"'], ['x'.repeat(5_000_000)]])(
    'refuses %.20s',
    async (body) => {
      const from = await registry();
      from.misbehave(PATH, { status: 200, body, headers: { 'content-type': 'application/json' } });
      expect((await failure(list(from))).code).toMatch(/^(INVALID_TAGS|INVALID_JSON|TOO_LARGE)$/);
    },
  );
});

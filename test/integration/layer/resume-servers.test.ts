import { describe, expect, it } from 'vitest';
import { listImage } from '../../fixtures/mounted.ts';
import { CUT, expectWhole, image, layer, misbehave, names, place, pull, ranges, servers } from './resumed.ts';

describe.skipIf(process.getuid?.() !== 0)('several servers', () => {
  it('the first dies in mid-blob, the second serves one wrong blob, the third has all', async () => {
    const [dying, wrong] = image.layers as [typeof layer, typeof layer];
    misbehave(0, { cutAfter: CUT, times: 1 }, dying.digest);
    servers[0]!.misbehave(/./, { hangUp: true, when: () => ranges(0, dying.digest).length > 0 });
    misbehave(1, { flipByte: 700 }, wrong.digest);
    const result = await pull('six:1', { count: 3 });
    const [one, two, three] = servers.map(({ url }) => url) as [string, string, string];
    expect(result.sources.get(dying.digest)?.map(({ source }) => source)).toEqual([one, two]);
    expect(result.sources.get(wrong.digest)?.at(-1)?.source).toBe(three);
    expect(result.lines).toContainEqual(expect.stringContaining(`${two} goes on with blob ${dying.digest}`));
    expect(result.lines).toContainEqual(expect.stringContaining(`${two} served wrong bytes`));
    expect(Object.keys(await listImage(place, result.image))).toEqual(['.', ...names]);
  });

  it('that each serve wrong bytes in one blob: all of it comes from one', async () => {
    misbehave(0, { cutAfter: CUT, times: 1 });
    misbehave(0, { hangUp: true });
    misbehave(1, { flipByte: 700 });
    const result = await pull('a:1', { count: 3 });
    expect(result.sources.get(layer.digest)).toEqual([{ source: servers[2]!.url, bytes: layer.size }]);
    expect(result.lines).toContainEqual(expect.stringContaining('do not fit together'));
    await expectWhole(result);
  });

  it('one sends too much: the next is asked', async () => {
    misbehave(0, { endless: true });
    const result = await pull('a:1', { count: 2 });
    expect(result.sources.get(layer.digest)).toEqual([{ source: servers[1]!.url, bytes: layer.size }]);
    await expectWhole(result);
  });
});

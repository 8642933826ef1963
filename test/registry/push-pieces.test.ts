import { describe, expect, it } from 'vitest';
import { failure } from '../fixtures/client.ts';
import { big, keep, layer, MIB, open, push, registry } from './pushing.ts';

describe('an upload in pieces', () => {
  it('comes when requests are found too large, ever smaller', async () => {
    await open();
    await keep(big);
    registry.uploads.rules.largest = 2 * MIB;
    await push(big);
    const pieces = registry.requests.filter(({ method }) => method === 'PATCH');
    expect(pieces[0]!.headers['content-range']).toBe(`0-${Math.ceil(layer.size / 4) - 1}`);
    expect(registry.contents()).toContain(`new/app/${layer.digest}`);
  });

  it('has none shorter than the registry wants', async () => {
    await open();
    await keep(big);
    Object.assign(registry.uploads.rules, { largest: 5 * MIB, minimum: 4 * MIB });
    await push(big);
    const pieces = registry.requests.filter(({ method }) => method === 'PATCH');
    expect(pieces[0]!.headers['content-length']).toBe(String(4 * MIB));
  });

  it('is given up, with a word on who may be at fault, when even small ones are too large', async () => {
    await open();
    await keep(big);
    registry.uploads.rules.largest = 1000;
    expect(await failure(push(big))).toMatchObject({
      code: 'TOO_LARGE',
      hint: expect.stringContaining('client_max_body_size'),
    });
  });

  it('becomes one in one piece where the registry takes none', async () => {
    await open();
    await keep(big);
    Object.assign(registry.uploads.rules, { breaks: [3 * MIB], whole: true });
    await push(big);
    expect(registry.contents()).toContain(`new/app/${layer.digest}`);
  });

  it('follows whole addresses', async () => {
    await open();
    await keep(big);
    Object.assign(registry.uploads.rules, { absolute: true, largest: 2 * MIB });
    await push(big);
    expect(registry.contents()).toContain(`new/app/${layer.digest}`);
  });
});

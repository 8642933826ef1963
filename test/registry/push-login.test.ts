import { describe, expect, it } from 'vitest';
import type { BlobProgress } from '../../src/registry/push.ts';
import { failure } from '../fixtures/client.ts';
import type { Script } from '../fixtures/registry.ts';
import { big, keep, layer, MIB, open, push, registry } from './pushing.ts';

describe('a login', () => {
  const credentials = async () => ({ username: 'me', password: 'secret', source: 'the test' });

  it('is asked for once, for all that the push needs', async () => {
    await open({ access: { scheme: 'bearer', username: 'me', password: 'secret' } });
    registry.addBlob('base', layer);
    await keep(big);
    await push(big, { sourcesOf: () => ['base'] }, { credentials });
    const asked = registry.requests.filter(({ path }) => path.startsWith('/token'));
    const scopes = asked.map(({ path }) => new URL(path, 'http://x').searchParams.getAll('scope'));
    expect(scopes).toEqual([['repository:new/app:pull,push', 'repository:base:pull']]);
    expect(registry.contents()).toContain('new/app/1');
  });

  it('is renewed in the middle', async () => {
    await open({ access: { scheme: 'bearer', username: 'me', password: 'secret' } });
    await keep(big);
    registry.uploads.rules.largest = 2 * MIB;
    let revoked = false;
    const onProgress = ({ current }: BlobProgress) => {
      if (!revoked && current > 3 * MIB) registry.revokeTokens();
      revoked ||= current > 3 * MIB;
    };
    await push(big, { onProgress }, { credentials });
    expect(registry.contents()).toContain('new/app/1');
  });

  it.each<[string, Script]>([
    ['basic', { access: { scheme: 'basic', username: 'me', password: 'secret' } }],
    ['bearer', { access: { scheme: 'bearer', username: 'me', password: 'secret' } }],
  ])('that is missing is named (%s)', async (_, script) => {
    await open(script);
    await keep(big);
    const error = await failure(push(big));
    expect(error.code).toBe('UNAUTHORIZED');
    expect(error.message).toContain(`cannot push ${registry.host}/new/app:1`);
    expect(error.hint).toContain(`gocker login ${registry.host}`);
  });

  it('that does not suffice is named, with its source', async () => {
    await open();
    await keep(big);
    registry.misbehave(/uploads\/$/, {
      status: 403,
      body: '{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}',
    });
    const anonymous = await failure(push(big));
    expect(anonymous).toMatchObject({ code: 'DENIED', hint: expect.stringContaining('gocker login') });
    expect(anonymous.message).toContain('requested access to the resource is denied');
  });
});

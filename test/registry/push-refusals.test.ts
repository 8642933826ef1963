import { truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { storePaths } from '../../src/store/layout.ts';
import { failure } from '../fixtures/client.ts';
import { big, keep, layer, open, push, registry, root, sent, store } from './pushing.ts';

describe('what a registry says no with', () => {
  it.each<[string, number, string, string]>([
    ['a repository that must be made first', 404, 'NAME_UNKNOWN', 'REPOSITORY_NOT_FOUND'],
    ['a cache', 405, 'UNSUPPORTED', 'REGISTRY_READ_ONLY'],
    ['anything else', 400, 'NAME_INVALID', 'UNEXPECTED_ANSWER'],
  ])('%s', async (_, status, said, code) => {
    await open();
    await keep(big);
    const body = JSON.stringify({ errors: [{ code: said, message: 'because' }] });
    registry.misbehave(/uploads\/$/, { status, body });
    const error = await failure(push(big));
    expect(error).toMatchObject({ code, message: expect.stringContaining('because') });
    expect(sent().filter((line) => line.startsWith('PUT'))).toEqual([]);
  });

  it('a blob that was damaged here is told from one that was damaged on its way', async () => {
    await open();
    await keep(big);
    const path = storePaths.blob(store, layer.digest);
    writeFileSync(path, Buffer.alloc(layer.size, 'x'));
    expect(await failure(push(big))).toMatchObject({
      code: 'DIGEST_MISMATCH',
      message: expect.stringContaining(root),
    });
    expect(registry.contents()).not.toContain('new/app/1');
  });

  it('a blob that is shorter than it was does not hang', async () => {
    await open();
    await keep(big);
    truncateSync(storePaths.blob(store, layer.digest), 1000);
    expect(await failure(push(big, {}, { retries: { breaks: 0 } }))).toMatchObject({
      code: expect.any(String),
    });
    expect(registry.contents()).not.toContain('new/app/1');
  });

  it('another manifest than was sent is not taken for success', async () => {
    await open();
    await keep(big);
    registry.misbehave('/v2/new/app/manifests/1', {
      headers: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` },
    });
    expect(await failure(push(big))).toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  it('a location on another machine of this network, from outside, is not gone to', async () => {
    await open();
    await keep(big);
    registry.misbehave(/uploads\/$/, { headers: { location: 'ftp://127.0.0.1/x' } });
    expect(await failure(push(big))).toMatchObject({ code: 'REDIRECT_REFUSED' });
  });
});

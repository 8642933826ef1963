import { describe, expect, it } from 'vitest';
import { failure } from '../fixtures/client.ts';
import { big, keep, layer, lines, MIB, open, push, registry, sent, waits } from './pushing.ts';

describe('an upload that breaks off', () => {
  it('goes on where the registry says that it is', async () => {
    await open();
    await keep(big);
    registry.uploads.rules.breaks = [3 * MIB, 2 * MIB];
    await push(big, {}, { retries: { breaks: 1 } });
    expect(registry.contents()).toContain(`new/app/${layer.digest}`);
    const total = layer.size + big.config.size;
    expect(registry.uploads.received()).toBeLessThanOrEqual(total * 1.05);
    expect(lines.join()).toMatch(/going on with blob sha256:[0-9a-f]+ at \d{7}/);
  });

  it('begins anew where the registry has forgotten it', async () => {
    await open();
    await keep(big);
    Object.assign(registry.uploads.rules, { breaks: [3 * MIB], forgets: true });
    await push(big);
    expect(registry.contents()).toContain(`new/app/${layer.digest}`);
    expect(sent().filter((line) => line.startsWith('POST'))).toHaveLength(3);
  });

  it('is given up when it breaks off again and again', async () => {
    await open();
    await keep(big);
    Object.assign(registry.uploads.rules, { breaks: Array(20).fill(100_000), forgets: true });
    const error = await failure(push(big));
    expect(error).toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      message: expect.stringContaining('new/app:1'),
    });
    expect(registry.contents()).not.toContain('new/app/1');
  });

  it('is given up when nothing is taken any more', async () => {
    await open();
    await keep(big);
    registry.uploads.rules.stalls = 1;
    const error = await failure(push(big, {}, { retries: { breaks: 0 } }));
    expect(error).toMatchObject({ code: 'REGISTRY_TIMEOUT' });
  });

  it('is over when all of it had arrived', async () => {
    await open();
    await keep(big);
    let once = 0;
    registry.misbehave(/uploads\/[0-9a-f]+$/, { hangUp: true, times: 1, when: () => once++ === 1 });
    await push(big);
    expect(registry.contents()).toContain('new/app/1');
  });

  it.each([500, 503, 429])('by HTTP %i at its start is tried again', async (status) => {
    await open();
    await keep(big);
    registry.misbehave(/uploads\/$/, { status, times: 2 });
    await push(big);
    expect(registry.contents()).toContain('new/app/1');
    expect(waits.length).toBeGreaterThan(0);
  });
});

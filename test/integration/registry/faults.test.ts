import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GockerError } from '../../../src/errors.ts';
import { parseReference } from '../../../src/image/reference.ts';
import { pullImage } from '../../../src/registry/pull.ts';
import { listImages } from '../../../src/store/images.ts';
import { storePaths } from '../../../src/store/layout.ts';
import { readRefs } from '../../../src/store/refs.ts';
import { client, failure } from '../../fixtures/client.ts';
import { buildImage } from '../../fixtures/image.ts';
import { makePlace, type TestPlace } from '../../fixtures/place.ts';
import { type Behaviour, startRegistry, type TestRegistry } from '../../fixtures/registry.ts';
import { FAULTS } from './faults.ts';
import { image, index, PLACES } from './places.ts';

const PASSWORD = 'open-SESAME-9';
const lines: string[] = [];
let place: TestPlace;
let registry: TestRegistry;

beforeEach(async () => {
  lines.length = 0;
  place = await makePlace();
  registry = await startRegistry({ access: { scheme: 'bearer', username: 'me', password: PASSWORD } });
  registry.addImage('a', '1', index);
});
afterEach(async () => {
  await registry.close();
  await place.remove();
});

function pull() {
  const credentials = async () => ({ username: 'me', password: PASSWORD, source: 'a file' });
  const retries = { tries: 3, breaks: 2, base: 1, longest: 5 };
  return pullImage({
    ...place,
    syscalls: place.store.syscalls,
    reference: parseReference(`${registry.host}/a:1`),
    client: client({ credentials, retries, log: (line) => lines.push(line) }),
  });
}

/** Nothing is to be seen, and whatever has a digest's name has the digest. */
async function expectNothingWrong(): Promise<void> {
  for (const name of readdirSync(storePaths.blobs(place.store))) {
    const bytes = readFileSync(`${storePaths.blobs(place.store)}/${name}`);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(name);
  }
  expect((await listImages(place.store)).images).toEqual([]);
  expect(await readRefs(place.store)).toEqual([]);
  for await (const snapshot of place.driver.list()) expect(snapshot.kind).toBe('committed');
}

/** What, where, what to do, and no secret. */
function expectAnswer(error: GockerError): void {
  expect(error.message).toContain(`${registry.host}/a`);
  expect(error.hint, error.message).toBeTruthy();
  const chain = [error, error.cause].map((one) => `${inspect(one, { depth: 9 })}${(one as Error)?.stack}`);
  const encoded = Buffer.from(`me:${PASSWORD}`).toString('base64');
  for (const secret of [PASSWORD, encoded, 'Bearer '])
    expect(chain.join() + lines.join()).not.toContain(secret);
}

/** The first request of all is sent before anybody wants a login; it never goes wrong. */
const afterwards = (behaviour: Behaviour): Behaviour => ({
  ...behaviour,
  when: ({ headers, url }) => 'authorization' in headers || url!.startsWith('/token'),
});

/**
 * One fault after the other, wherever a registry can have it, against whole pulls. While it lasts the pull fails, in
 * time and with an answer, and nothing of what came is to be seen; when it is over the pull succeeds.
 */
describe.skipIf(process.getuid?.() !== 0)('a registry with a fault', () => {
  test.each(FAULTS)(
    '$place: $name',
    { timeout: 20_000 },
    async ({ place: where, behaviour, code, passes }) => {
      registry.misbehave(PLACES[where], afterwards(behaviour));
      const lasting = await failure(pull());
      expect(lasting.code, lasting.message).toBe(code);
      expectAnswer(lasting);
      await expectNothingWrong();
      registry.reset();
      registry.misbehave(PLACES[where], { ...afterwards(behaviour), times: 1 });
      if (!passes) {
        expect((await failure(pull())).code).toBe(code);
        await expectNothingWrong();
      }
      expect((await pull()).digest).toBe(index.digest);
    },
  );

  test('addresses that a manifest names are not asked', async () => {
    const elsewhere = await startRegistry();
    const urls = [`${elsewhere.url}/v2/a/blobs/${image.layers[0]!.digest}`];
    const addUrls = (one: object) => ({ ...one, urls });
    const foreign = buildImage({
      layers: [{ entries: [{ name: 'x' }] }],
      editManifest: ({ layers, ...rest }) => ({ ...rest, layers: (layers as object[]).map(addUrls) }),
    });
    registry.addImage('a', '1', foreign);
    registry.misbehave(`/v2/a/blobs/${foreign.layers[0]!.digest}`, { status: 404 });
    expect((await failure(pull())).code).toBe('BLOB_NOT_FOUND');
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.close();
    registry.reset();
    expect((await pull()).digest).toBe(foreign.digest);
  });
});

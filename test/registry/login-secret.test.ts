import { readdir, readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { GockerError } from '../../src/errors.ts';
import { parseReference } from '../../src/image/reference.ts';
import { machineCredentials } from '../../src/registry/credentials.ts';
import { client, layer, registry } from '../fixtures/client.ts';
import { createHelper, kept } from '../fixtures/helper.ts';
import type { Behaviour } from '../fixtures/registry.ts';
import { basic, bearer, ENCODED, env, folder, lines, logIn, pull, SECRET, store } from './logging-in.ts';

describe('the secret', () => {
  const leaks = ['SECRET', ENCODED.slice(4, 12), 'pa%3Ass', 'pa:ss'];
  const told = (error: GockerError) => {
    const chain = [error, error.cause].map((one) => `${inspect(one, { depth: 9 })}${(one as Error)?.stack}`);
    return `${chain.join()}${JSON.stringify(error)}${error.hint}${lines.join()}`;
  };

  test.each([
    ['401', { status: 401 }],
    ['403', { status: 403 }],
    ['429', { status: 429 }],
    ['500', { status: 500 }],
    ['a page', { html: true }],
    ['a hang-up', { hangUp: true }],
    ['silence', { stallAfter: -1 }],
    ['a redirect to nowhere', { redirect: 'ftp://x/' }],
  ] as [string, Behaviour][])('is in no error, whatever comes: %s', async (_, behaviour) => {
    for (const access of [basic, bearer]) {
      for (const path of [/^\/v2\//, /^\/token/]) {
        const { host, misbehave } = await registry({ access });
        await store({ auths: { [host]: { auth: ENCODED } } });
        misbehave(path, { ...behaviour, when: ({ headers }) => headers.authorization !== undefined });
        const found = await Promise.all(
          [
            logIn(host),
            pull(host),
            client({ credentials: machineCredentials({ env }) }).fetchBlob(
              parseReference(`${host}/team/app:1`),
              layer,
            ),
          ].map((work) =>
            work.then(
              () => undefined,
              (error: GockerError) => error,
            ),
          ),
        );
        for (const error of found)
          if (error !== undefined) expect(leaks.filter((part) => told(error).includes(part))).toEqual([]);
        if (access === bearer || path.test('/v2/')) expect(found.filter(Boolean).length).toBeGreaterThan(0);
      }
    }
  });

  test('is in no process’s arguments or environment while a helper has it', async () => {
    Object.assign(env, await createHelper(folder, 'slow', 'cat > "$(dirname "$0")/../kept"; sleep 0.4'));
    const { host } = await registry({ access: basic });
    await store({ credsStore: 'slow' });
    const working = logIn(host);
    let seen = 0;
    await expect
      .poll(async () => {
        const all = await Promise.all(
          (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(readProcess),
        );
        const helpers = all.filter((text) => text.includes('docker-credential-slow'));
        for (const text of helpers) expect(text).not.toMatch(/SECRET/);
        seen += helpers.length;
        return seen;
      })
      .toBeGreaterThan(0);
    await working;
    expect(await kept(folder)).toMatchObject({ Secret: SECRET });
  });
});

async function readProcess(pid: string): Promise<string> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '');
  const line = await read('cmdline');
  return line.includes('docker-credential-slow') ? line + (await read('environ')) : line;
}

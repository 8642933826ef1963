/** Whatever step is killed of what makes content that nothing leads to: the next command takes it away. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { image, integration, useGocker } from './helpers.ts';
import { killedAt, stepsToKill } from './killed-at.ts';

integration('killed', () => {
  const gocker = useGocker();
  const busybox = image('busybox:1');
  let archive = '';
  const inRoot = (path: string) => readdirSync(join(gocker.root, path)).filter((name) => name !== 'collect');
  const ok = async (...args: string[]) => {
    const result = await gocker(args);
    expect(result, args.join(' ')).toMatchObject({ code: 0 });
    return result.stdout;
  };

  beforeAll(async () => {
    archive = join(gocker.env.HOME!, 'busybox.tar');
    await ok('pull', '-q', busybox);
    await ok('save', '-o', archive, busybox);
  });

  test.each<[string, string[]]>([
    ['rmi', ['rmi', busybox]],
    ['image prune', ['image', 'prune', '-af']],
    ['load', ['load', '-q', '-i', archive]],
  ])(
    '%s leaves a whole image or nothing',
    async (verb, args) => {
      if (verb === 'load') args.splice(-1, 1, archive);
      for (const calls of ['rename,renameat2', 'unlink,unlinkat,rmdir']) {
        for (const nth of stepsToKill([1, 2, 3, 5])) {
          if (verb === 'load') await gocker(['rmi', '-f', busybox]);
          else await ok('load', '-q', '-i', archive);
          const wasKilled = await killedAt(gocker, { calls, nth, args });
          const isHere = (await ok('images', '-q')) !== '';
          const about = { verb, calls, nth };
          if (isHere)
            expect({ about, said: await ok('run', '--rm', busybox, 'echo', 'x') }).toEqual({
              about,
              said: 'x\n',
            });
          else {
            // What is known to be an image's waits for whoever goes on with it.
            if (inRoot('ingest').some((name) => name.endsWith('.unfinished')))
              await ok('system', 'prune', '-f');
            const left = [
              ...inRoot('blobs/sha256'),
              ...inRoot('storage/overlayfs/names'),
              ...inRoot('ingest'),
            ];
            expect({ about, left }).toEqual({ about, left: [] });
          }
          expect({ about, noted: existsSync(join(gocker.root, 'ingest/collect')) }).toEqual({
            about,
            noted: false,
          });
          if (!wasKilled) break;
        }
      }
    },
    240_000,
  );
});

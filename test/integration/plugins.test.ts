import { join } from 'node:path';
import { expect, test } from 'vitest';
import { image, integration, useGocker } from './helpers.ts';

const PLUGIN = join(import.meta.dirname, '../fixtures/plugin');

integration('a plugin of somebody else', () => {
  const gocker = useGocker();
  const inLonely = () =>
    gocker(['run', '--rm', '--network', 'lonely', image('busybox:1'), 'ls', '/sys/class/net']);
  const create = () => gocker(['network', 'create', '--driver', 'lonely', 'lonely']);

  test('brings nothing before it is linked', async () => {
    expect((await gocker(['hello'])).code).not.toBe(0);
    expect(await create()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no network driver is called "lonely"'),
    });
    expect(await inLonely()).toMatchObject({ code: 125 });
  });

  test('brings its command and its driver', async () => {
    expect(await gocker(['plugins', 'link', '--no-install', PLUGIN])).toMatchObject({ code: 0 });
    expect(await gocker(['hello'])).toMatchObject({ code: 0, stdout: 'hello from a plugin of gocker\n' });
    expect(await create()).toMatchObject({ code: 0 });
    expect(await inLonely()).toMatchObject({ code: 0, stdout: 'lo\n' });
  });
});

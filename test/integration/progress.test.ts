/** How a pull looks on a terminal, and elsewhere. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type BuiltImage, buildImage } from '../fixtures/image.ts';
import { startRegistry, type TestRegistry } from '../fixtures/registry.ts';
import { GOCKER, integration, useGocker } from './helpers.ts';
import { openShell } from './terminal.ts';

const SIZE = 2_000_000;
/** So many bytes of a blob at a time: two seconds for all. */
const DRIP = { bytes: SIZE / 20, every: 100 };

integration('progress of a pull', () => {
  const gocker = useGocker();
  let registry: TestRegistry;
  let image: BuiltImage;
  let name: string;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.close());
  let repository: string;
  let counter = 0;
  beforeEach(() => {
    registry.reset();
    image = buildImage({
      layers: [1, 2].map((at) => ({
        entries: [{ name: `file-${at}`, body: randomBytes(SIZE) }],
        compression: 'none',
      })),
    });
    repository = `image-${counter++}`;
    name = `${registry.host}/${repository}:1`;
    registry.addImage(repository, '1', image);
  });

  /** A terminal that outlives the pull: tmux hides the cursor of a dead one. */
  const openPull = (rest = '') =>
    openShell(
      gocker,
      `trap : INT; "${process.execPath}" "${GOCKER}" pull ${name}${rest}; echo "code $?"; cat`,
    );
  const short = (at: number) => image.layers[at]!.digest.slice(7, 19);
  const dripping = (at: number) => registry.misbehave(new RegExp(image.layers[at]!.digest), { drip: DRIP });

  test('on a terminal is a line a layer that moves, and the cursor is back at the end', async () => {
    dripping(1);
    const terminal = openPull();
    try {
      const moving = `${short(1)}: Downloading [0-9.]+[kM]?B/2MB [0-9.]+[kM]?B/s, \\ds left`;
      await terminal.waitFor(new RegExp(`${short(0)}: Pull complete\\n.*${moving}`));
      expect(terminal.hasCursor()).toBe(false);
      await terminal.waitFor(/code 0/);
      expect(terminal.hasCursor()).toBe(true);
      const lines = terminal.screen().split('\n').slice(0, 5);
      expect(lines).toEqual([
        expect.stringMatching(`^. ${short(0)}: Pull complete$`),
        expect.stringMatching(`^. ${short(1)}: Pull complete$`),
        expect.stringMatching(/^Digest: sha256:/),
        `Status: Downloaded newer image for ${name}`,
        name,
      ]);
    } finally {
      terminal.close();
    }
  });

  test('is ended by Ctrl-C, with the cursor back', async () => {
    dripping(0);
    const terminal = openPull();
    try {
      await terminal.waitFor(/Downloading/);
      expect(terminal.hasCursor()).toBe(false);
      terminal.press('C-c');
      await terminal.waitFor(/code 130/);
      expect(terminal.hasCursor()).toBe(true);
    } finally {
      terminal.close();
    }
  });

  test('is not on stdout, whatever that is', async () => {
    const terminal = openPull(' | cat -A');
    try {
      await terminal.waitFor(/code 0/);
      const written = terminal.screen().match(/^.*\$$/gm);
      expect(written).toEqual([
        expect.stringMatching(/^Digest: sha256:[0-9a-f]{64}\$$/),
        `Status: Downloaded newer image for ${name}$`,
        `${name}$`,
      ]);
    } finally {
      terminal.close();
    }
  });

  test('is a few plain lines where nobody looks', async () => {
    const { code, stderr } = await gocker(['pull', name]);
    expect(code).toBe(0);
    expect(stderr).toBe(
      `1: Pulling from ${repository}\n${short(0)}: Pull complete\n${short(1)}: Pull complete\n`,
    );
    expect((await gocker(['pull', name])).stderr).toContain(`${short(1)}: Already exists\n`);
    expect((await gocker(['pull', '-q', name])).stderr).toBe('');
  });
});

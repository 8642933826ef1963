/** Layers that unpack to more than the disk holds. */
import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MNT } from '../../../native/constants.ts';
import { createSyscalls } from '../../../native/index.ts';
import { tar } from '../../fixtures/tar.ts';
import { makeDirectory, unpack } from '../../fixtures/unpack.ts';

const MIB = 1024 * 1024;
const syscalls = createSyscalls();
let place: ReturnType<typeof makeDirectory>;
let disk: string;
beforeEach(() => {
  place = makeDirectory();
  disk = join(place.path, 'disk');
  mkdirSync(disk);
  syscalls.mount('tmpfs', disk, 'tmpfs', 0, 'size=100m');
});
afterEach(() => {
  syscalls.umount2(disk, MNT.DETACH);
  place.remove();
});

const freeMiB = () => (statfsSync(disk).bavail * statfsSync(disk).bsize) / MIB;
const bomb = (mebibytes: number) => gzipSync(tar([{ name: 'ones', body: Buffer.alloc(mebibytes * MIB, 1) }]));

describe.skipIf(process.getuid?.() !== 0)('a layer', () => {
  it('that fits is unpacked', async () => {
    await unpack(bomb(80), disk);
    expect(freeMiB()).toBeLessThan(21);
  });

  it('of 400 KiB that unpacks to 400 MiB stops before the disk is full, and says where', async () => {
    const failure = unpack(bomb(400), disk);
    await expect(failure).rejects.toMatchObject({
      code: 'NO_SPACE',
      message: expect.stringMatching(
        /^layer sha256:\w+: entry "ones": no space left: \d+\.\d MiB of it are unpacked/,
      ),
      hint: expect.stringContaining('--root'),
    });
    expect(freeMiB()).toBeGreaterThanOrEqual(0.9);
  });
});

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { O } from '../../native/constants.ts';
import { createSyscalls } from '../../native/index.ts';
import { sealNode } from '../../src/runtime/supervisor/seal.ts';
import { buildImage } from '../fixtures/image.ts';
import { startRegistry, type TestRegistry } from '../fixtures/registry.ts';
import type { Entry } from '../fixtures/tar.ts';
import { integration, useGocker } from './helpers.ts';

/** Images that try to reach the host while their container is made. */
integration('hostile images', () => {
  const gocker = useGocker();
  const busybox: Entry = { name: 'bin/busybox', mode: 0o755, body: readFileSync('/bin/busybox') };
  let registry: TestRegistry;
  let canary: string;
  let count = 0;

  beforeAll(async () => {
    registry = await startRegistry();
    canary = `${gocker.root}-canary`;
    mkdirSync(join(canary, 'dir'), { recursive: true });
    writeFileSync(join(canary, 'secret'), 'secret');
    chmodSync(canary, 0o750);
  });
  afterAll(() => registry.close());

  function look(): unknown {
    const stat = statSync(canary);
    return [
      readdirSync(canary, { recursive: true }).sort(),
      stat.mode,
      stat.uid,
      stat.mtimeMs,
      readFileSync(join(canary, 'secret'), 'utf8'),
    ];
  }

  async function run(entries: Entry[], config: Record<string, unknown>, ...args: string[]) {
    const name = `h${count++}`;
    registry.addImage(name, '1', buildImage({ layers: [{ entries: [busybox, ...entries] }], run: config }));
    return await gocker(['run', '--rm', '-q', ...args, `${registry.host}/${name}:1`, '/bin/busybox', 'true']);
  }

  const link = (name: string, target: string): Entry => ({ name, type: 'symlink', link: target });

  test('an ordinary image runs', async () => {
    expect((await run([], {})).code).toBe(0);
  });

  test.each([['proc'], ['sys'], ['dev']])(
    '/%s as a link is refused, and what it leads to is untouched',
    async (name) => {
      const before = look();
      const result = await run([link(name, join(canary, 'dir'))], {});
      expect(result.code).toBe(125);
      expect(result.stderr).toContain(`/${name} in the image is not a directory`);
      expect(look()).toEqual(before);
    },
  );

  test.each([['hosts'], ['hostname'], ['resolv.conf']])(
    '/etc/%s as a link stays inside the image',
    async (name) => {
      const before = look();
      await run([link(`etc/${name}`, join(canary, 'secret'))], {});
      expect(look()).toEqual(before);
    },
  );

  test('a link in the way of a volume stays inside the image', async () => {
    const before = look();
    const volume = ['-v', '/usr/share/doc:/v/made:ro'];
    for (const target of [canary, `../../../..${canary}`, `${canary}/deep/er`]) {
      expect((await run([link('v', target)], {}, ...volume)).code).toBe(0);
      expect((await run([link('v', target)], {}, '-v', '/etc/hostname:/v:ro')).code).toBe(0);
      expect(look()).toEqual(before);
    }
    expect((await run([link('v', 'w'), link('w', 'v')], {}, ...volume)).code).toBe(125);
    const inside: Entry = { name: 'inside', type: 'directory' };
    expect((await run([inside, link('v', '/../../inside')], {}, ...volume)).code).toBe(0);
  });

  test('a volume on /proc is refused, whatever way leads there', async () => {
    for (const destination of ['/proc', '/proc/self', '/way/self']) {
      const result = await run([link('way', '/proc')], {}, '-v', `/usr/share/doc:${destination}`);
      expect({ destination, code: result.code }).toEqual({ destination, code: 125 });
    }
    expect((await run([], {}, '-v', '/usr/share/doc:/fine:ro')).code).toBe(0);
  });

  test('a working directory through /proc/self/fd is refused', async () => {
    for (const fd of [3, 6, 9, 20]) {
      const result = await run([], { WorkingDir: `/proc/self/fd/${fd}` });
      expect(result.code).toBe(126);
    }
    expect((await run([], { WorkingDir: '/made/up' })).code).toBe(0);
  });

  test('a user file that never ends, or never begins, is refused at once', async () => {
    const fifo: Entry = { name: 'etc/passwd', type: 'fifo' };
    const result = await run([fifo], { User: 'nobody' });
    expect(result.code).toBe(125);
    expect(result.stderr).toContain('/etc/passwd in the image is not a regular file');
  });

  test('node is started from a view that cannot be written', () => {
    const digest = () => createHash('sha256').update(readFileSync(process.execPath)).digest('hex');
    const before = digest();
    const syscalls = createSyscalls();
    const node = sealNode(syscalls);
    try {
      expect(() => syscalls.openat(-100, node.path, O.WRONLY)).toThrow(/EROFS|read-only|busy/);
      expect(() => syscalls.openat(-100, node.path, O.RDWR | O.TRUNC)).toThrow(/EROFS|read-only|busy/);
      const { stdout } = spawnSync(node.path, ['-p', '6 * 7'], { encoding: 'utf8' });
      expect(stdout).toBe('42\n');
    } finally {
      syscalls.close(node.fd);
    }
    expect(digest()).toBe(before);
  });
});

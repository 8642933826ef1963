import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { image, integration, useGocker } from './helpers.ts';

const ROOT = join(import.meta.dirname, '../..');

const PROGRAM = `
import { createEngine, type RunOptions } from 'gocker';
import type { CreateDriver, StorageDriver } from 'gocker/driver';

const options: RunOptions = { image: process.argv[2]!, command: ['echo', 'from a program'], network: 'none' };
const engine = createEngine({ root: process.env.GOCKER_ROOT!, runRoot: process.env.GOCKER_RUN! });
const container = await engine.run(options, { stdout: process.stdout, stderr: process.stderr });
const { exitCode } = await container.wait();
await engine.removeContainer(container.id);
process.exitCode = exitCode;
export type Driver = CreateDriver<StorageDriver>;
`;

/** What npm would publish, unpacked beside the dependencies of this checkout, and a program that uses it. */
integration('the package', () => {
  const gocker = useGocker();
  const directory = mkdtempSync(join(tmpdir(), 'gocker-package-'));
  const modules = join(directory, 'node_modules');
  const busybox = image('busybox:1');

  beforeAll(async () => {
    await gocker(['pull', '-q', busybox]);
    execFileSync('npm', ['pack', '--silent', '--pack-destination', directory], { cwd: ROOT, stdio: 'pipe' });
    mkdirSync(modules);
    execFileSync('tar', ['-xzf', join(directory, 'gocker-0.1.0.tgz'), '-C', modules]);
    symlinkSync('package', join(modules, 'gocker'));
    symlinkSync(join(ROOT, 'node_modules'), join(modules, 'package/node_modules'));
    symlinkSync(join(ROOT, 'node_modules/@types'), join(modules, '@types'));
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(directory, 'program.ts'), PROGRAM);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const run = (file: string, args: string[]) =>
    spawnSync(process.execPath, [join(directory, file), ...args], { env: gocker.env, encoding: 'utf8' });

  test('holds the command, and all that a container needs', () => {
    const args = ['run', '--rm', '--network', 'none', busybox, 'echo', 'from the package'];
    expect(run('node_modules/gocker/bin/run.js', args)).toMatchObject({
      status: 0,
      stdout: 'from the package\n',
    });
    expect(run('node_modules/gocker/bin/run.js', ['help']).stdout).toContain('gocker [COMMAND]');
  });

  test('is an engine for programs, with types', () => {
    const flags = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    const compiled = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), [...flags, 'program.ts'], {
      cwd: directory,
      encoding: 'utf8',
    });
    expect(compiled).toMatchObject({ stdout: '', status: 0 });
    expect(run('program.js', [busybox])).toMatchObject({ status: 0, stdout: 'from a program\n', stderr: '' });
  });
});

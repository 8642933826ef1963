import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { brokenRules, type Source } from './fixtures/imports.ts';

const root = join(import.meta.dirname, '..');
const packages = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies);

function tree(directory: string): Source[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|js)$/.test(name))
    .map((name) => `${directory}/${name}`)
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** The rules that a made-up tree, given as path and text, breaks. */
function broken(files: Record<string, string>): string[] {
  return brokenRules(
    Object.entries(files).map(([path, text]) => ({ path, text })),
    packages,
  );
}

test('no file of this project breaks an import rule', () => {
  const sources = ['bin', 'src', 'drivers', 'native'].flatMap(tree);
  expect(sources.map(({ path }) => path)).toContain('src/errors.ts');
  expect(brokenRules(sources, packages)).toEqual([]);
}, 60_000);

describe('the checker', () => {
  test.each([
    ['a lower module', 'src/store/blobs.ts', "import { x } from '../image/digest.ts'"],
    ['its own module', 'src/store/blobs.ts', "import { x } from './lock.ts'"],
    ['the errors', 'native/index.ts', "import { GockerError } from '../src/errors.ts'"],
    ['koffi in native', 'native/libc.ts', "import koffi from 'koffi'"],
    ['got in the registry client', 'src/registry/client.ts', "import got from 'got'"],
    ['a type of the driver contract', 'src/runtime/types.ts', "import type { M } from '../driver/index.ts'"],
    [
      'the syscall types in a driver',
      'drivers/storage/vfs.ts',
      "import type { S } from '../../native/syscalls.ts'",
    ],
    ['the engine in a command', 'src/commands/run.ts', "await import('../engine.ts')"],
    ['a type from far below', 'src/commands/run.ts', "import type { Limits } from '../runtime/types.ts'"],
    ['no I/O in image', 'src/image/digest.ts', "import { createHash } from 'node:crypto'"],
  ])('accepts %s', (_, path, text) => {
    expect(broken({ [path]: text })).toEqual([]);
  });

  test.each([
    ['an arrow that points back', 'src/image/digest.ts', "import { x } from '../store/blobs.ts'"],
    ['a neighbour of the same rank', 'src/store/blobs.ts', "import { x } from '../layer/unpack.ts'"],
    ['a re-export that points back', 'src/store/blobs.ts', "export * from '../engine.ts'"],
    ['a lazy import that points back', 'src/layer/a.ts', "const x = await import('../container/run.ts')"],
    ['a type that points back', 'src/store/blobs.ts', "import type { E } from '../engine.ts'"],
    ['errors that import', 'src/errors.ts', "import { x } from './image/digest.ts'"],
    ['a kernel call in a command', 'src/commands/run.ts', "import { x } from '../../native/index.ts'"],
    ['koffi elsewhere', 'src/layer/unpack.ts', "import koffi from 'koffi'"],
    ['got elsewhere', 'src/engine.ts', "const { got } = await import('got')"],
    ['a renderer elsewhere', 'src/commands/pull.ts', "import ora from 'ora'"],
    ['oclif below the commands', 'src/engine.ts', "import { Command } from '@oclif/core'"],
    ['I/O in image', 'src/image/digest.ts', "import { readFile } from 'node:fs/promises'"],
    ['native code in a driver', 'drivers/storage/vfs.ts', "import { x } from '../../native/index.ts'"],
    [
      'engine code in a driver',
      'drivers/storage/vfs.ts',
      "import type { x } from '../../src/store/blobs.ts'",
    ],
    ['a package nobody declared', 'src/engine.ts', "import x from 'left-pad'"],
    ['a file of 251 lines', 'src/store/blobs.ts', '\n'.repeat(251)],
  ])('catches %s', (_, path, text) => {
    expect(broken({ [path]: text })).toHaveLength(1);
  });

  test('catches a cycle, and accepts one that is gone at run time', () => {
    const a = "import { b } from './b.ts'";
    expect(broken({ 'src/store/a.ts': a, 'src/store/b.ts': "import { a } from './a.ts'" })).toEqual([
      'cycle: src/store/a.ts -> src/store/b.ts -> src/store/a.ts',
    ]);
    expect(broken({ 'src/store/a.ts': a, 'src/store/b.ts': "import type { a } from './a.ts'" })).toEqual([]);
  });

  test('accepts a file of 250 lines', () => {
    expect(broken({ 'src/store/blobs.ts': '\n'.repeat(250) })).toEqual([]);
  });
});

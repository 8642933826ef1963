import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSyscalls } from '../../native/index.ts';
import { compareTrees, type Difference } from '../../src/layer/compare.ts';

const syscalls = createSyscalls();
let root: string;
const at = (...path: string[]) => join(root, ...path);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gocker-test-'));
  for (const tree of ['expected', 'found']) {
    mkdirSync(at(tree, 'a/b/c'), { recursive: true });
    writeFileSync(at(tree, 'a/b/c/file'), tree);
    writeFileSync(at(tree, 'a/last'), tree);
  }
  mkdirSync(at('outside/x'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

const openFiles = () => readdirSync('/proc/self/fd').length;

/** The paths of what differs; `meanwhile` is called at each. */
function compared(meanwhile: (difference: Difference) => void = () => {}): string[] {
  const paths: string[] = [];
  const comparison = { syscalls, expected: at('expected'), found: at('found'), content: false };
  compareTrees(comparison, (difference) => {
    paths.push(difference.path);
    meanwhile(difference);
  });
  return paths;
}

describe('two trees are compared', () => {
  const isFiles = ({ path }: Difference) => path === 'a/b/c/file';

  it('while somebody moves what the comparison is not in', () => {
    const paths = compared((difference) => {
      if (isFiles(difference)) renameSync(at('outside/x'), at('found/a/b/later'));
    });
    expect(paths).toEqual(expect.arrayContaining(['a/b/c/file', 'a/last']));
  });

  it.each(['expected', 'found'])(
    'but not outside of %s, from which a directory is moved meanwhile',
    (tree) => {
      const before = openFiles();
      const paths: string[] = [];
      const run = () =>
        compared((difference) => {
          paths.push(difference.path);
          if (isFiles(difference)) renameSync(at(tree, 'a/b/c'), at('outside/x/c'));
        });
      expect(run).toThrow(expect.objectContaining({ code: 'TREE_CHANGED' }));
      expect(paths.filter((path) => path.includes('x'))).toEqual([]);
      expect(openFiles()).toBe(before);
    },
  );

  it('and leave no file open when a directory becomes a link meanwhile', () => {
    mkdirSync(at('found/a/b/c/deep'));
    mkdirSync(at('expected/a/b/c/deep'), { mode: 0o700 });
    const before = openFiles();
    const run = () =>
      compared(({ path }) => {
        if (path !== 'a/b/c/deep') return;
        rmSync(at('found', path), { recursive: true });
        symlinkSync('/etc', at('found', path));
      });
    expect(run).toThrow(/ENOTDIR|ELOOP|not a directory/i);
    expect(openFiles()).toBe(before);
  });
});

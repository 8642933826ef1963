import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadPack } from '../../src/main/load-pack.ts';

let directory: string;
let pack: string;
let cache: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gocker-pack-'));
  pack = join(directory, 'pack.cjs');
  cache = join(directory, 'cache', `${process.version}-${process.arch}`);
  writeFileSync(
    pack,
    'globalThis.packLoads = (globalThis.packLoads ?? 0) + 1;\n' +
      'exports.file = __filename;\nexports.double = (n) => 2 * n;\nexports.join = require("node:path").join;\n',
  );
});

afterEach(() => {
  forget();
  rmSync(directory, { recursive: true });
  delete (globalThis as { packLoads?: number }).packLoads;
});

/** As another process would see it: nothing loaded yet. */
function forget(): void {
  delete createRequire(pack).cache[pack];
}

const loads = () => (globalThis as { packLoads?: number }).packLoads;

describe('a pack', () => {
  test('is what require would give, and is given once', () => {
    const exports = loadPack(pack) as { file: string; double(n: number): number; join: unknown };
    expect(exports.file).toBe(pack);
    expect(exports.double(21)).toBe(42);
    expect(exports.join).toBe(join);
    expect(loadPack(pack)).toBe(exports);
    expect(createRequire(pack)(pack)).toBe(exports);
    expect(loads()).toBe(1);
  });

  test('leaves what was compiled beside it, and starts from that the next time', () => {
    loadPack(pack);
    expect(readdirSync(cache)).toEqual(['pack.cjs']);
    const { ino } = statSync(join(cache, 'pack.cjs'));
    forget();
    expect((loadPack(pack) as { double(n: number): number }).double(4)).toBe(8);
    expect(statSync(join(cache, 'pack.cjs')).ino).toBe(ino);
    expect(loads()).toBe(2);
  });

  test('runs from its source when the compiled form is no such thing', () => {
    mkdirSync(cache, { recursive: true });
    writeFileSync(join(cache, 'pack.cjs'), 'nothing that V8 wrote');
    expect((loadPack(pack) as { double(n: number): number }).double(3)).toBe(6);
    expect(readFileSync(join(cache, 'pack.cjs'), 'utf8')).toBe('nothing that V8 wrote');
  });

  test('runs where nothing can be kept', () => {
    writeFileSync(join(directory, 'cache'), 'a file where the directory would be');
    expect((loadPack(pack) as { double(n: number): number }).double(5)).toBe(10);
  });

  test('that is not there is an error that names it', () => {
    rmSync(pack);
    expect(() => loadPack(pack)).toThrow(pack);
    writeFileSync(pack, 'exports.back = true;');
    expect(loadPack(pack)).toEqual({ back: true });
  });
});

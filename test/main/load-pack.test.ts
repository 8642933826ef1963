import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { writeParts } from '../../src/main/parts.ts';

let directory: string;
let file: string;
let cache: string;

const NUMBERS = 'globalThis.chunkLoads = (globalThis.chunkLoads ?? 0) + 1; exports.double = (n) => 2 * n;';
const CHUNKS = {
  numbers: NUMBERS,
  places: 'exports.file = __filename; exports.join = require("node:path").join;',
  more: 'exports.quadruple = (n) => __chunk("numbers").double(__base.twice(n));',
};

beforeEach(() => {
  // As most processes start; vitest's own have flags.
  vi.spyOn(process, 'execArgv', 'get').mockReturnValue([]);
  vi.stubEnv('NODE_OPTIONS', '');
  directory = mkdtempSync(join(tmpdir(), 'gocker-pack-'));
  file = join(directory, 'test.pack');
  cache = join(directory, 'cache', `${process.version}-${process.arch}`, 'test.pack');
  writePack('1', CHUNKS);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
  delete (globalThis as { chunkLoads?: number }).chunkLoads;
});

function writePack(id: string, chunks: Record<string, string>): void {
  const wrap = (text: string) =>
    Buffer.from(`(function(exports,require,module,__filename,__dirname,__chunk,__base){${text}\n})`);
  writeParts(file, id, new Map(Object.entries(chunks).map(([name, text]) => [name, wrap(text)])));
}

/** As another process would see it: nothing loaded yet. */
async function loadAnew() {
  vi.resetModules();
  const { loadPack } = await import('../../src/main/load-pack.ts');
  return <T>(chunk: string) => loadPack(file, { twice: (n: number) => 2 * n })(chunk) as T;
}

const loads = () => (globalThis as { chunkLoads?: number }).chunkLoads;
interface Numbers {
  double(n: number): number;
}

describe('a pack', () => {
  test('gives what its chunks export, each of which runs once', async () => {
    const chunk = await loadAnew();
    expect(loads()).toBe(undefined);
    expect(chunk<Numbers>('numbers').double(21)).toBe(42);
    expect(chunk('numbers')).toBe(chunk('numbers'));
    expect(chunk('places')).toEqual({ file, join });
    expect(chunk<{ quadruple(n: number): number }>('more').quadruple(2)).toBe(8);
    expect(loads()).toBe(1);
  });

  test('leaves what was compiled beside it, and starts from that the next time', async () => {
    (await loadAnew())('numbers');
    const { ino } = statSync(cache);
    expect(readdirSync(join(cache, '..'))).toEqual(['test.pack']);
    expect((await loadAnew())<Numbers>('numbers').double(4)).toBe(8);
    expect(statSync(cache).ino).toBe(ino);
    expect(loads()).toBe(2);
  });

  test('forgets what was compiled when it is another one', async () => {
    (await loadAnew())('numbers');
    writePack('2', { numbers: NUMBERS.replace('2 *', '3 *') });
    expect((await loadAnew())<Numbers>('numbers').double(4)).toBe(12);
    expect(readFileSync(cache, 'utf8')).toMatch(/^\{"id":"2"/);
  });

  test('runs from its source when the compiled form is no such thing, and the next start makes it anew', async () => {
    const parts = new Map(Object.keys(CHUNKS).map((name) => [name, Buffer.from('nothing that V8 wrote')]));
    writeParts(cache, '1', parts);
    expect((await loadAnew())<Numbers>('numbers').double(3)).toBe(6);
    expect(existsSync(cache)).toBe(false);
    expect((await loadAnew())<Numbers>('numbers').double(3)).toBe(6);
    expect(existsSync(cache)).toBe(true);
  });

  test('keeps nothing that was compiled under flags, which others do not have', async () => {
    vi.stubEnv('NODE_OPTIONS', '--max-old-space-size=512');
    expect((await loadAnew())<Numbers>('numbers').double(3)).toBe(6);
    expect(existsSync(cache)).toBe(false);
  });

  test('takes away what a killed writer has left', async () => {
    mkdirSync(join(cache, '..'), { recursive: true });
    writeFileSync(`${cache}.12345`, 'half of it');
    (await loadAnew())('numbers');
    expect(readdirSync(join(cache, '..'))).toEqual(['test.pack']);
  });

  test('writes anew what was compiled when that is no file of parts', async () => {
    mkdirSync(join(cache, '..'), { recursive: true });
    writeFileSync(cache, 'nothing at all');
    expect((await loadAnew())<Numbers>('numbers').double(3)).toBe(6);
    expect(readFileSync(cache, 'utf8')).toMatch(/^\{"id":"1"/);
  });

  test('runs where nothing can be kept', async () => {
    writeFileSync(join(directory, 'cache'), 'a file where the directory would be');
    expect((await loadAnew())<Numbers>('numbers').double(5)).toBe(10);
  });

  test('that is not there is an error that names it', async () => {
    rmSync(file);
    const chunk = await loadAnew();
    expect(() => chunk('numbers')).toThrow(file);
    writePack('1', CHUNKS);
    expect(chunk<Numbers>('numbers').double(1)).toBe(2);
  });

  test('says which chunk it does not have', async () => {
    const chunk = await loadAnew();
    expect(() => chunk('letters')).toThrow('there is no chunk letters');
    expect(chunk<Numbers>('numbers').double(1)).toBe(2);
  });
});

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJsonFile } from '../../../src/container/logs/json-file.ts';
import { lineCutter, MAX_LINE } from '../../../src/container/logs/lines.ts';

describe('the line cutter', () => {
  const cut = (...chunks: string[]) => {
    const cutter = lineCutter();
    const lines = chunks.flatMap((chunk) => cutter.cut(Buffer.from(chunk)).map(String));
    return [...lines, String(cutter.rest())];
  };
  it.each([
    [['a\nb\n'], ['a\n', 'b\n', '']],
    [
      ['a', 'b\nc'],
      ['ab\n', 'c'],
    ],
    [['\n\n'], ['\n', '\n', '']],
    [[''], ['']],
    [['x'.repeat(MAX_LINE)], ['x'.repeat(MAX_LINE)]],
    [
      ['x'.repeat(MAX_LINE), '\n'],
      ['x'.repeat(MAX_LINE), '\n', ''],
    ],
    [['x'.repeat(MAX_LINE + 1)], ['x'.repeat(MAX_LINE), 'x']],
    [[`x${'€'.repeat(MAX_LINE / 3 + 1)}`], [`x${'€'.repeat((MAX_LINE - 1) / 3)}`, '€']],
  ])('cuts %#', (chunks, lines) => {
    expect(cut(...chunks)).toEqual(lines);
  });
  it('loses no byte, whatever the bytes are', () => {
    const data = Buffer.alloc(100_000, 0xbf);
    const cutter = lineCutter();
    const pieces = [data.subarray(0, 33_333), data.subarray(33_333)].flatMap((chunk) => cutter.cut(chunk));
    expect(Buffer.concat([...pieces, cutter.rest()]).equals(data)).toBe(true);
  });
});

describe('json-file', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gocker-log-'));
    path = join(directory, 'log');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const records = (file = path) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));

  it('writes docker’s records, and bytes that are no text beside them', () => {
    const log = openJsonFile(path, { driver: 'json-file', maxSize: 1e6, maxFiles: 3 });
    log.write('stdout', Buffer.from('one\ntw'));
    log.write('stderr', Buffer.from([0xff, 0x0a]));
    log.write('stdout', Buffer.from('o\nrest'));
    log.close();
    expect(records().map(({ log, stream, bytes }) => [log, stream, bytes])).toEqual([
      ['one\n', 'stdout', undefined],
      ['\ufffd\n', 'stderr', '/wo='],
      ['two\n', 'stdout', undefined],
      ['rest', 'stdout', undefined],
    ]);
  });

  it.each([
    ['a byte that begins nothing', [0x61, 0x80, 0x62], 'a\ufffdb'],
    ['characters of two, three and four bytes', [...Buffer.from('é€😀'), 0xff], 'é€😀\ufffd'],
    ['what JSON escapes', [0xff, ...Buffer.from('"\\\b\t\f\r\0\x1f\x7f/')], '\ufffd"\\\b\t\f\r\0\x1f\x7f/'],
    ['a character cut short', [0xe2, 0x82], '\ufffd\ufffd'],
    ['one longer than need be', [0xc0, 0xaf, 0xe0, 0x80, 0xaf], '\ufffd'.repeat(5)],
    ['a surrogate', [0xed, 0xa0, 0x80], '\ufffd'.repeat(3)],
    ['one above the last', [0xf4, 0x90, 0x80, 0x80], '\ufffd'.repeat(4)],
  ])('shows %s as well as can be', (_, bytes, shown) => {
    const log = openJsonFile(path, { driver: 'json-file', maxSize: 1e6, maxFiles: 3 });
    log.write('stdout', Buffer.from(bytes));
    log.close();
    expect(records()).toMatchObject([{ log: shown, bytes: Buffer.from(bytes).toString('base64') }]);
  });

  it('has room for the longest lines of any bytes', () => {
    const log = openJsonFile(path, { driver: 'json-file', maxSize: 1e9, maxFiles: 3 });
    const data = Buffer.concat([Buffer.alloc(MAX_LINE * 20), Buffer.alloc(MAX_LINE * 20, 0xff)]);
    log.write('stdout', data);
    log.close();
    const pieces = records().map(({ log, bytes }) => Buffer.from(bytes ?? log, bytes ? 'base64' : 'utf8'));
    expect(Buffer.concat(pieces).equals(data)).toBe(true);
  });

  it('goes on after a line that a killed writer left half', () => {
    writeFileSync(path, '{"log":"ha');
    const log = openJsonFile(path, { driver: 'json-file', maxSize: 1e6, maxFiles: 3 });
    log.write('stdout', Buffer.from('whole\n'));
    log.close();
    expect(JSON.parse(readFileSync(path, 'utf8').split('\n')[1]!).log).toBe('whole\n');
  });

  it.each([1, 2, 3])('keeps %d files', (maxFiles) => {
    const log = openJsonFile(path, { driver: 'json-file', maxSize: 200, maxFiles });
    for (let line = 0; line < 50; line++) log.write('stdout', Buffer.from(`${line}\n`));
    log.close();
    const files = [`${path}.3`, `${path}.2`, `${path}.1`, path].filter(existsSync);
    expect(files.length).toBeLessThanOrEqual(maxFiles);
    const lines = files.flatMap((file) => records(file)).map(({ log }) => Number(log));
    expect(lines).toEqual(Array.from({ length: lines.length }, (_, index) => 50 - lines.length + index));
  });
});

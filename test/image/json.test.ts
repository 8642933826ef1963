import { expect, test } from 'vitest';
import { MAX_JSON_BYTES, parseJSON } from '../../src/image/json.ts';

const read = (text: string | Buffer) => parseJSON(Buffer.from(text as string), 'it');

test.each([
  ['{"a":[1,{"b":"x:{},[]\\"y"}],"c":{"b":null}}'],
  ['[]'],
  ['"\\u007b"'],
  [' {"a" : 1 , "A" : 2} '],
  ['{"constructor":1,"toString":2}'],
  ['[{"a":1},{"a":2}]'],
])('reads %s', (text) => {
  expect(read(text)).toEqual(JSON.parse(text));
});

test.each([
  ['{"a":1,"a":2}', '"a" twice'],
  ['{"a":1,"\\u0061":2}', '"a" twice'],
  ['{"x":[{"b":{},"b":[]}]}', '"b" twice'],
  ['{"__proto__":{"x":1}}', '__proto__'],
  ['{"\\u005f_proto__":1}', '__proto__'],
  ['\uFEFF{}', 'byte order mark'],
  ['', 'empty'],
  ['{', 'JSON'],
  ["{'a':1}", 'JSON'],
  ['{"a":NaN}', 'JSON'],
  ['{"a":1} x', 'JSON'],
  ['<html></html>', 'JSON'],
  [`${'['.repeat(65)}${']'.repeat(65)}`, '64 levels'],
])('refuses %s', (text, why) => {
  expect(() => read(text)).toThrowError(expect.objectContaining({ code: 'INVALID_JSON' }));
  expect(() => read(text)).toThrow(why);
});

test('64 levels are read', () => {
  expect(read(`${'['.repeat(64)}${']'.repeat(64)}`)).toBeInstanceOf(Array);
});

test('broken UTF-8 is refused, whole UTF-8 is read', () => {
  expect(() => read(Buffer.from([0x22, 0xc3, 0x22]))).toThrow('not UTF-8');
  expect(read(Buffer.from([0x22, 0xc3, 0xa9, 0x22]))).toBe('é');
});

test('4 MiB are read, a byte more is not', () => {
  const most = `"${'x'.repeat(MAX_JSON_BYTES - 2)}"`;
  expect(read(most)).toHaveLength(MAX_JSON_BYTES - 2);
  expect(() => read(`${most} `)).toThrow(`${MAX_JSON_BYTES + 1} bytes`);
});

test('a million brackets end quickly in an error', () => {
  expect(() => read('['.repeat(1_000_000))).toThrowError(expect.objectContaining({ code: 'INVALID_JSON' }));
});

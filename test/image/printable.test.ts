import { expect, test } from 'vitest';
import { printable, quoted } from '../../src/image/printable.ts';

test.each([
  ['plain text, ünïcödé 中文 😀', 'plain text, ünïcödé 中文 😀'],
  ['\u001b[2J\u0007\n\r\t\0\u007f', '\\u{1b}[2J\\u{7}\\u{a}\\u{d}\\u{9}\\u{0}\\u{7f}'],
  [
    '\u009b2J\u202e\u2066\u200b\u2028\u2029\ufeff',
    '\\u{9b}2J\\u{202e}\\u{2066}\\u{200b}\\u{2028}\\u{2029}\\u{feff}',
  ],
  ['\ud800', '\\u{d800}'],
])('%j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('long text is cut', () => {
  expect(printable('x'.repeat(300))).toBe(`${'x'.repeat(200)}...`);
  expect(quoted('abcdef', 3)).toBe('"abc..."');
});

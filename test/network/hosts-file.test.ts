import {
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { namesForOthers, withBlock } from '../../src/network/hosts-file.ts';
import { rewriteInPlace } from '../../src/network/rewrite.ts';

const BLOCK = '# gocker: network web\n10.0.0.2\tone two\n# gocker: end of web\n';
const one = [{ address: '10.0.0.2', names: ['one', 'two'] }];

describe('our block', () => {
  it('is put at the end, replaced where it stands, and taken away', () => {
    const added = withBlock('127.0.0.1\tlocalhost\n', 'web', one);
    expect(added).toBe(`127.0.0.1\tlocalhost\n${BLOCK}`);
    expect(withBlock(`${added}10.9.9.9 mine\n`, 'web', [])).toBe('127.0.0.1\tlocalhost\n10.9.9.9 mine\n');
    const other = [{ address: '10.0.0.3', names: ['three'] }];
    expect(withBlock(`a\n${BLOCK}b\n`, 'web', other)).toBe(
      `a\n${BLOCK.replace('2\tone two', '3\tthree')}b\n`,
    );
  });
  it('leaves those of other networks, and a last line without its end', () => {
    const other = BLOCK.replaceAll('web', 'web2');
    expect(withBlock(`x\n${other}`, 'web', one)).toBe(`x\n${other}${BLOCK}`);
    expect(withBlock('x', 'web', one)).toBe(`x\n${BLOCK}`);
    expect(withBlock('', 'web', one)).toBe(BLOCK);
  });
  it('is written anew when somebody has broken it, and loses nobody’s lines', () => {
    const broken = 'a\n# gocker: network web\nmine\n';
    expect(withBlock(broken, 'web', one)).toBe(`${broken}${BLOCK}`);
  });
  it('is stable', () => {
    const text = withBlock('a\n', 'web', one);
    expect(withBlock(text, 'web', one)).toBe(text);
  });
});

describe('names that a container has for others', () => {
  it('are host names, each once', () =>
    expect(namesForOthers(['web', 'db_1', 'a.b', 'web'])).toEqual(['web', 'db_1', 'a.b']));
  it.each([
    'localhost',
    'LOCALHOST',
    'localhost.localdomain',
    'ip6-loopback',
    'a b',
    'a\n1.1.1.1 x',
    '#x',
    '',
  ])('are not %j', (name) => expect(namesForOthers([name])).toEqual([]));
});

describe('a file that is mounted in a container', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gocker-hosts-'));
    file = join(directory, 'hosts');
    writeFileSync(file, 'a longer text\n');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is the same one afterwards, longer or shorter', () => {
    const { ino } = statSync(file);
    for (const text of ['x\n', 'much more than it was before\n']) {
      rewriteInPlace(file, () => text);
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
    expect(statSync(file).ino).toBe(ino);
  });
  it('keeps bytes that are no text', () => {
    writeFileSync(file, Buffer.from([0xff, 0xfe, 10]));
    rewriteInPlace(file, (text) => `${text}b\n`);
    expect([...readFileSync(file)]).toEqual([0xff, 0xfe, 10, 98, 10]);
  });
  it('is left alone when the container has made it huge', () => {
    truncateSync(file, 1024 ** 4);
    rewriteInPlace(file, () => 'x\n');
    expect(statSync(file).size).toBe(1024 ** 4);
  });
  it('is never another one behind a link, and may be gone', () => {
    symlinkSync(file, join(directory, 'link'));
    expect(() => rewriteInPlace(join(directory, 'link'), () => 'x\n')).toThrow('ELOOP');
    expect(readFileSync(file, 'utf8')).toBe('a longer text\n');
    rewriteInPlace(join(directory, 'none'), () => 'x\n');
  });
});

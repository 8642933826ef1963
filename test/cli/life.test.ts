import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bootUnit, writeUnit } from '../../src/cli/boot-unit.ts';
import { openCidFile } from '../../src/cli/cid-file.ts';
import { keyWatcher, parseDetachKeys } from '../../src/cli/detach-keys.ts';
import { parseDuration, parseMoment } from '../../src/cli/duration.ts';
import { parseRestart } from '../../src/cli/flags/life.ts';
import { parseLogFlags } from '../../src/cli/log-options.ts';

describe('detach keys', () => {
  const watch = (...chunks: string[]) => {
    const watcher = keyWatcher(parseDetachKeys('ctrl-p,ctrl-q'));
    return chunks
      .map((chunk) => watcher(Buffer.from(chunk)))
      .map(({ rest, found }) => `${rest}${found ? '!' : ''}`);
  };
  it('are found across chunks; all else goes on', () => {
    expect(watch('a\x10', '\x11')).toEqual(['a', '!']);
    expect(watch('\x10a')).toEqual(['\x10a']);
    expect(watch('\x10', 'a')).toEqual(['', '\x10a']);
    expect(watch('\x10\x10\x11')).toEqual(['\x10!']);
    expect(watch('\x11\x10')).toEqual(['\x11']);
  });
  it('are read as docker writes them', () => {
    expect(parseDetachKeys('')).toEqual([]);
    expect(parseDetachKeys('a,ctrl-a,ctrl-[')).toEqual([97, 1, 27]);
    for (const bad of ['ctrl-1', 'ab', 'ctrl-', 'é'])
      expect(() => parseDetachKeys(bad)).toThrow('invalid key');
  });
});

describe('durations and times', () => {
  it.each([
    ['0', 0],
    ['500ms', 500],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text, '--x')).toBe(ms);
  });
  it.each(['', '5', '-1s', '1d', 's'])('%j is none', (text) => {
    expect(() => parseDuration(text, '--x')).toThrow('invalid duration');
  });
  it.each([
    ['2026-01-31T12:00:00Z', Date.UTC(2026, 0, 31, 12)],
    ['2026-01-31T12:00:00.123456789Z', Date.UTC(2026, 0, 31, 12, 0, 0, 123)],
    ['1700000000', 1_700_000_000_000],
    ['1700000000.5', 1_700_000_000_500],
    ['10m', 400_000],
  ])('%s is %d', (text, moment) => {
    expect(parseMoment(text, '--since', 1_000_000)).toBe(moment);
  });
  it.each(['soon', '2026', '2026-13-01'])('%j is no time but maybe seconds', (text) => {
    if (text === '2026') expect(parseMoment(text, '--since', 0)).toBe(2_026_000);
    else expect(() => parseMoment(text, '--since', 0)).toThrow('invalid time');
  });
});

describe('restart and log flags', () => {
  it('are read', () => {
    expect(parseRestart('on-failure:3')).toEqual({ policy: 'on-failure', max: 3 });
    expect(parseRestart('on-failure:0')).toEqual({ policy: 'on-failure' });
    expect(parseRestart('unless-stopped')).toEqual({ policy: 'unless-stopped' });
    expect(parseLogFlags(undefined, [])).toBeUndefined();
    expect(parseLogFlags(undefined, ['max-size=10m', 'max-file=2'])).toEqual({
      driver: 'json-file',
      maxSize: 10_000_000,
      maxFiles: 2,
    });
    expect(parseLogFlags('none', [])).toMatchObject({ driver: 'none' });
  });
  it.each(['', 'maybe', 'always:3', 'on-failure:x', 'on-failure:-1', 'on-failure:1:2'])(
    'refuse %j',
    (text) => {
      expect(() => parseRestart(text)).toThrow();
    },
  );
  it.each(['max-size', 'max-size=0', 'max-size=x', 'max-file=0', 'labels=x'])(
    'refuse --log-opt %s',
    (option) => {
      expect(() => parseLogFlags(undefined, [option])).toThrow();
      expect(() => parseLogFlags('none', ['max-size=1m'])).toThrow('unknown log option');
    },
  );
});

describe('files', () => {
  it('--cidfile is taken before, and goes away when there is no container', () => {
    const directory = mkdtempSync(join(tmpdir(), 'gocker-cid-'));
    const path = join(directory, 'id');
    openCidFile(path).close();
    const file = openCidFile(path);
    expect(() => openCidFile(path)).toThrow('is there already');
    file.write('abc');
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('abc');
    rmSync(directory, { recursive: true });
  });
  it('the unit names what to run, whatever the paths hold', () => {
    const unit = bootUnit({ node: '/usr/bin/node', script: '/a b/run.js', root: '/r%s', runRoot: '/q"$x' });
    expect(unit).toContain(
      'ExecStart="/usr/bin/node" "/a b/run.js" "--root" "/r%%s" "--run-root" "/q\\"$$x" "system" "boot"\n',
    );
    expect(() => bootUnit({ node: 'n', script: 's', root: 'a\nb', runRoot: 'r' })).toThrow('cannot hold');
    const directory = mkdtempSync(join(tmpdir(), 'gocker-unit-'));
    expect(readFileSync(writeUnit(join(directory, 'new'), unit), 'utf8')).toBe(unit);
    rmSync(directory, { recursive: true });
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readJSON } from '../../drivers/read-json.ts';
import { replace } from '../../drivers/replace.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gocker-json-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('what a driver keeps', () => {
  it('is read as it was written, and need not be there', () => {
    const file = join(folder, 'some.json');
    expect(readJSON(file)).toBeUndefined();
    replace(file, JSON.stringify({ leases: {} }));
    expect(readJSON(file)).toEqual({ leases: {} });
  });

  it.each(['', '{"leases":', '\0\0\0'])('is told with its path where it is damaged: %j', (text) => {
    const file = join(folder, 'some.json');
    writeFileSync(file, text);
    expect(() => readJSON(file)).toThrow(
      expect.objectContaining({
        code: 'STATE_DAMAGED',
        message: `the record ${file} is damaged: it is not JSON`,
        hint: expect.stringContaining('remove the file'),
      }),
    );
  });

  it('fails with the kernel\u2019s error where it cannot be read', () => {
    expect(() => readJSON(folder)).toThrow(expect.objectContaining({ code: 'EISDIR' }));
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Config } from '@oclif/core/config';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { dataDirectory, ownConfig } from '../../src/main/own-config.ts';

const root = join(import.meta.dirname, '../..');
const NAMES = ['HOME', 'XDG_DATA_HOME', 'GOCKER_DATA_DIR'];
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gocker-data-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

test.each([
  { HOME: '/home/one' },
  { HOME: '' },
  { HOME: '/home/one', XDG_DATA_HOME: '/home/one/data' },
  { HOME: '/home/one', XDG_DATA_HOME: '' },
  { HOME: '/home/one', XDG_DATA_HOME: '/home/one/data', GOCKER_DATA_DIR: '/srv/plugins' },
])('plugins are looked for where oclif has them: %j', async (env) => {
  for (const name of NAMES) vi.stubEnv(name, (env as Record<string, string>)[name]);
  const config = await Config.load({ root, userPlugins: false });
  expect(dataDirectory()).toBe(config.dataDir);
});

test('where there are any, or oclif is to be debugged, oclif says how a command is run', () => {
  vi.stubEnv('GOCKER_DATA_DIR', directory);
  vi.stubEnv('DEBUG', 'oclif');
  expect(ownConfig()).toBeUndefined();
  vi.stubEnv('DEBUG', '');
  writeFileSync(join(directory, 'package.json'), '{}');
  expect(ownConfig()).toBeUndefined();
});

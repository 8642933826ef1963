import type { CreateOptions } from '../engine.ts';
import { UsageError } from '../errors.ts';
import { parseInteger } from './flags.ts';

type LogConfig = NonNullable<CreateOptions['log']>;

const DEFAULT = { maxSize: 10_000_000, maxFiles: 3 };
const KEYS = ['max-size', 'max-file'];

/** --log-driver and --log-opt; undefined when neither is given. Throws a UsageError for an option that there is not. */
export function parseLogFlags(driver: string | undefined, options: string[]): LogConfig | undefined {
  if (driver === undefined && options.length === 0) return undefined;
  const log: LogConfig = { driver: (driver ?? 'json-file') as LogConfig['driver'], ...DEFAULT };
  for (const option of options) {
    const [key = '', value] = split(option);
    if (value === undefined || log.driver !== 'json-file' || !KEYS.includes(key))
      throw unknownOption(option, log.driver);
    if (key === 'max-size') log.maxSize = parseMaxSize(value);
    else log.maxFiles = parseInteger(value, '--log-opt max-file', 1);
  }
  return log;
}

function split(option: string): [string, string | undefined] {
  const equals = option.indexOf('=');
  return equals === -1 ? [option, undefined] : [option.slice(0, equals), option.slice(equals + 1)];
}

/** docker counts with 1000 here and not with 1024 (go-units, FromHumanSize); -1 is no limit. */
function parseMaxSize(text: string): number {
  if (text === '-1') return Number.MAX_SAFE_INTEGER;
  const match = /^(\d+(?:\.\d+)?) ?([kmgt]?)b?$/i.exec(text);
  const size = match
    ? Number(match[1]) * 1000 ** ['', 'k', 'm', 'g', 't'].indexOf(match[2]!.toLowerCase())
    : 0;
  if (size > 0) return Math.floor(size);
  throw new UsageError('INVALID_SIZE', `invalid size ${JSON.stringify(text)} for --log-opt max-size`, {
    hint: 'give a number with k, m or g, such as 10m',
  });
}

function unknownOption(option: string, driver: string): UsageError {
  return new UsageError('INVALID_LOG_OPTION', `unknown log option ${JSON.stringify(option)} for ${driver}`, {
    hint: driver === 'json-file' ? 'there are max-size=SIZE and max-file=N' : `${driver} has none`,
  });
}

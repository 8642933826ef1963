/** The flags that several commands share. Every flag that takes a value must be a `text`: see `cli/value.ts`. */
import { boolean, custom } from '@oclif/core/flags';
import { UsageError } from '../errors.ts';
import { unescapeValue } from './value.ts';

/** A flag with a value, exactly as the user typed it. */
export const text = custom<string>({ parse: async (input) => unescapeValue(input) });

/** One that may be given several times. */
export const texts = (options: {
  char?: 'a' | 'c' | 'e' | 'f' | 'l' | 'o' | 'p' | 'v';
  description: string;
  helpValue: string;
  helpGroup?: string;
  aliases?: string[];
}) =>
  custom<string>({ parse: async (input) => unescapeValue(input) })({
    ...options,
    multiple: true,
    multipleNonGreedy: true,
  });

export const globalFlags = {
  root: text({
    description: 'where images and containers are kept',
    env: 'GOCKER_ROOT',
    default: '/var/lib/gocker',
    helpGroup: 'GLOBAL',
  }),
  'run-root': text({
    description: 'where sockets are kept, which a reboot may forget',
    env: 'GOCKER_RUN',
    default: '/run/gocker',
    helpGroup: 'GLOBAL',
  }),
  'storage-driver': text({
    description: 'what keeps the file systems of images and containers',
    env: 'GOCKER_STORAGE_DRIVER',
    helpGroup: 'GLOBAL',
  }),
};

/** How a program is run, for `run` and `exec`. */
export const processFlags = {
  interactive: boolean({ char: 'i', description: 'connect standard input' }),
  tty: boolean({ char: 't', description: 'give the program a terminal of its own' }),
  env: texts({
    char: 'e',
    description: 'set a variable, or hand on the one of that name',
    helpValue: 'KEY[=VALUE]',
  }),
  'env-file': texts({ description: 'read variables from a file, one KEY=VALUE a line', helpValue: 'FILE' }),
  workdir: text({ char: 'w', description: 'directory in the container to start in', helpValue: 'DIR' }),
  user: text({ char: 'u', description: 'user to run as, name or number', helpValue: 'USER[:GROUP]' }),
};

/** How a list is printed. */
export const listFlags = {
  quiet: boolean({ char: 'q', description: 'print only IDs' }),
  'no-trunc': boolean({ description: 'do not cut anything short' }),
  format: text({
    description: 'json for one object a line, table, or a template such as "{{.ID}} {{json .}}"',
    helpValue: 'FORMAT',
  }),
};

/** Typed fields for programs, beside docker's `--format json` of what people see. */
export const jsonFlag = {
  json: boolean({ description: 'one JSON array with numbers, times and lists as such' }),
};

export const filterFlag = (keys: string) => ({
  filter: texts({ char: 'f', description: `only those that fit: ${keys}`, helpValue: 'KEY=VALUE' }),
});

/** A whole number of at least `min`. Throws a UsageError that names the flag. */
export function parseInteger(value: string, flag: string, min: number): number {
  const number = Number(value);
  if (/^[+-]?\d+$/.test(value) && Number.isSafeInteger(number) && number >= min) return number;
  throw new UsageError('INVALID_NUMBER', `invalid number ${JSON.stringify(value)} for ${flag}`, {
    hint: `give a whole number of at least ${min}`,
  });
}

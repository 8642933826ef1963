/**
 * docker's command-line habits on top of oclif's parser. Pure: argv in, argv out.
 *
 * oclif reads flags anywhere, knows no `--rm=false`, refuses a flag given twice and a value that looks like a flag. So
 * every flag is read here, by the rules of pflag (which docker uses), and handed on in the one form that oclif takes
 * without surprises: `COMMAND --flag=value ... -- POSITIONALS`.
 */
import { UsageError } from '../errors.ts';
import { escapeValue, hideValue } from './value.ts';

/** What argv needs of a flag; oclif's manifest holds more. */
export interface FlagShape {
  type: 'boolean' | 'option';
  char?: string | undefined;
  aliases?: string[] | undefined;
  charAliases?: string[] | undefined;
  multiple?: boolean | undefined;
  allowNo?: boolean | undefined;
}

export interface CommandShape {
  id: string;
  flags: Record<string, FlagShape>;
  /** Everything after the first positional belongs to a program, not to gocker. */
  passThrough?: boolean | undefined;
}

type FindCommand = (id: string) => CommandShape | undefined;

/** Options that may also stand before the command, as docker's do. */
const GLOBAL_OPTIONS = ['--root', '--run-root', '--storage-driver'];

/** Options whose values nobody else is shown. */
const SECRET_FLAGS = ['password'];

/**
 * The argv for oclif and the command it names; argv unchanged and no command when it names none of `find`'s.
 * Throws a UsageError for an unknown flag, a missing value or a boolean that is neither true nor false.
 */
export function prepareArgv(argv: string[], find: FindCommand): { argv: string[]; command?: CommandShape } {
  const [globals, words] = splitGlobals(argv);
  const command = findCommand(words, find);
  if (!command) return { argv };
  const name = command.id.split(':');
  const read = readFlags(command, [...globals, ...words.slice(name.length)]);
  if (read === 'help') return { argv: [...name, '--help'], command };
  return { argv: [...name, ...read.flags, '--', ...read.positionals], command };
}

/** The command that argv's words name, without looking at flags; for the exit code of a usage error. */
export function findCommand(words: string[], find: FindCommand): CommandShape | undefined {
  const [first = '', second = ''] = words;
  if (first === '' || first.startsWith('-')) return undefined;
  return (second && !second.startsWith('-') && find(`${first}:${second}`)) || find(first);
}

/** [global flags, the rest from the command on]. */
export function splitGlobals(argv: string[]): [string[], string[]] {
  let end = 0;
  while (end < argv.length && GLOBAL_OPTIONS.includes(argv[end]!.split('=', 1)[0]!)) {
    end += argv[end]!.includes('=') ? 1 : 2;
  }
  return [argv.slice(0, end), argv.slice(end)];
}

interface Reading {
  command: CommandShape;
  /** Flag name to its values; one unless it may be repeated. */
  values: Map<string, (string | boolean)[]>;
  positionals: string[];
  /** What is not read yet. */
  rest: string[];
}

function readFlags(
  command: CommandShape,
  tokens: string[],
): 'help' | { flags: string[]; positionals: string[] } {
  const reading: Reading = { command, values: new Map(), positionals: [], rest: [...tokens] };
  while (reading.rest.length > 0) {
    const token = reading.rest.shift()!;
    if (token === '--') {
      reading.positionals.push(...reading.rest.splice(0));
    } else if (isHelp(command, token)) {
      return 'help';
    } else if (token.startsWith('--')) {
      readLong(reading, token);
    } else if (token.startsWith('-') && token !== '-') {
      readShorts(reading, token);
    } else {
      reading.positionals.push(token);
      if (command.passThrough) reading.positionals.push(...reading.rest.splice(0));
    }
  }
  return { flags: writeFlags(reading), positionals: reading.positionals };
}

function isHelp(command: CommandShape, token: string): boolean {
  return token === '--help' || (token === '-h' && !flagOfChar(command, 'h'));
}

function readLong(reading: Reading, token: string): void {
  const equals = token.indexOf('=');
  const typed = equals === -1 ? token : token.slice(0, equals);
  const attached = equals === -1 ? undefined : token.slice(equals + 1);
  const name = flagOfName(reading.command, typed.slice(2));
  if (name) {
    store(reading, { name, typed, attached });
    return;
  }
  const negated = typed.startsWith('--no-') && flagOfName(reading.command, typed.slice('--no-'.length));
  if (!negated || !reading.command.flags[negated]!.allowNo || attached !== undefined) {
    throw unknownFlag(`unknown flag: ${typed}`);
  }
  reading.values.set(negated, [false]);
}

/** `-it`, `-eA=1`, `-e=A=1`, `-e A=1`, `-t=false`: a cluster ends at the first flag that takes a value. */
function readShorts(reading: Reading, token: string): void {
  for (let i = 1; i < token.length; i++) {
    const char = token[i]!;
    const name = flagOfChar(reading.command, char);
    if (!name) throw unknownFlag(`unknown shorthand flag: '${char}' in ${token}`);
    const rest = token.slice(i + 1);
    if (reading.command.flags[name]!.type === 'boolean' && !rest.startsWith('=')) {
      store(reading, { name, typed: `-${char}`, attached: undefined });
      continue;
    }
    const attached = rest === '' ? undefined : rest.replace(/^=/, '');
    store(reading, { name, typed: `-${char}`, attached });
    return;
  }
}

function store(reading: Reading, given: { name: string; typed: string; attached: string | undefined }): void {
  const flag = reading.command.flags[given.name]!;
  const value =
    flag.type === 'boolean'
      ? given.attached === undefined || parseBoolean(given.attached, given.typed)
      : (given.attached ?? reading.rest.shift());
  if (value === undefined) {
    throw new UsageError('FLAG_NEEDS_VALUE', `flag needs an argument: ${given.typed}`);
  }
  const before = flag.multiple ? (reading.values.get(given.name) ?? []) : [];
  reading.values.set(given.name, [...before, value]);
}

/** The words that Go's strconv.ParseBool takes. */
function parseBoolean(text: string, typed: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  throw new UsageError('INVALID_FLAG_VALUE', `invalid argument ${JSON.stringify(text)} for ${typed}`, {
    hint: `write ${typed}=true or ${typed}=false`,
  });
}

function writeFlags(reading: Reading): string[] {
  return [...reading.values].flatMap(([name, values]) => {
    const flag = reading.command.flags[name]!;
    const write = SECRET_FLAGS.includes(name) ? hideValue : escapeValue;
    if (flag.type === 'option') return values.map((value) => `--${name}=${write(String(value))}`);
    if (values[0]) return [`--${name}`];
    return flag.allowNo ? [`--no-${name}`] : [];
  });
}

function flagOfName(command: CommandShape, name: string): string | undefined {
  if (Object.hasOwn(command.flags, name)) return name;
  return Object.keys(command.flags).find((key) => command.flags[key]!.aliases?.includes(name));
}

function flagOfChar(command: CommandShape, char: string): string | undefined {
  return Object.keys(command.flags).find((key) => {
    const flag = command.flags[key]!;
    return flag.char === char || flag.charAliases?.includes(char);
  });
}

function unknownFlag(message: string): UsageError {
  return new UsageError('UNKNOWN_FLAG', message);
}

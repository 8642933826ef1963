import { stripVTControlCharacters } from 'node:util';
import { EXIT, GockerError, UsageError } from '../errors.ts';
import { printable } from '../image/printable.ts';

export interface ReportOptions {
  /** The command as typed, for `Run 'gocker run --help'`. */
  command?: string | undefined;
  /** When the error names no exit code. */
  failureExit?: number | undefined;
  /** Stack and causes too. */
  debug?: boolean | undefined;
}

/** What to print on stderr (empty for nothing) and what to exit with. */
export interface Report {
  text: string;
  exitCode: number;
}

/** Any error as a person should see it. One that nobody foresaw asks to be reported. */
export function describeError(error: unknown, options: ReportOptions): Report {
  const failure = options.failureExit ?? EXIT.FAILURE;
  const parse = parseFailure(error);
  if (parse?.code === 'EEXIT') return { text: '', exitCode: parse.oclif.exit };
  const known = parse ? fromOclif(parse) : (fromSystem(error) ?? error);
  if (!(known instanceof GockerError)) return { text: bug(error, options), exitCode: failure };
  const lines = [`gocker: ${safe(known.message)}`, ...hints(known, options)];
  if (options.debug) lines.push(...stacks(error));
  return { text: `${lines.join('\n')}\n`, exitCode: known.exitCode ?? failure };
}

function hints(error: GockerError, { command }: ReportOptions): string[] {
  const own = error.hint === undefined ? [] : [`  ${safe(error.hint)}`];
  if (!(error instanceof UsageError)) return own;
  return [...own, `Run 'gocker ${command ? `${command} ` : ''}--help' for more information`];
}

interface OclifError extends Error {
  code?: string;
  oclif: { exit: number };
  args?: { name?: string }[] | string[];
}

function parseFailure(error: unknown): OclifError | undefined {
  const exit = error instanceof Error && (error as Partial<OclifError>).oclif?.exit;
  return typeof exit === 'number' ? (error as OclifError) : undefined;
}

/** oclif's complaints about arguments, in our words where they matter. */
function fromOclif(error: OclifError): UsageError {
  const names = error.args?.map((arg) => (typeof arg === 'string' ? arg : (arg.name ?? '')));
  if (error.constructor.name === 'RequiredArgsError' && names) {
    return new UsageError('MISSING_ARGUMENT', `missing ${names.map((name) => name.toUpperCase()).join(' ')}`);
  }
  // Where oclif lists errors, the first line says no more than that it does.
  const lines = stripVTControlCharacters(error.message)
    .split('\n')
    .map((line) => line.trim());
  const first = lines.find((line) => !/^The following errors? occurred:$/.test(line)) ?? '';
  return new UsageError('USAGE', first.charAt(0).toLowerCase() + first.slice(1), { cause: error });
}

const SYSTEM_HINTS: Record<string, string> = {
  ENOSPC: 'free some space (gocker rm, gocker rmi) or choose another place with --root',
  EDQUOT: 'raise the quota or choose another place with --root',
  EROFS: 'choose a writable place with --root',
  EACCES: 'gocker needs root: try sudo',
  EPERM: 'gocker needs root: try sudo',
  EMFILE: 'raise the limit of open files: ulimit -n',
  EIO: 'the disk reports errors: see dmesg',
};

/** Node's own errors of system calls, whose message names call and path. */
function fromSystem(error: unknown): GockerError | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  const code = String(error.code);
  return new GockerError(code, error.message, { hint: SYSTEM_HINTS[code], cause: error });
}

function bug(error: unknown, { debug }: ReportOptions): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = [
    `gocker: unexpected error: ${safe(message)}`,
    debug
      ? stacks(error).join('\n')
      : '  this is a bug: please report it, with what it prints with GOCKER_DEBUG=1 set',
  ];
  return `${lines.join('\n')}\n`;
}

function stacks(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return [error.stack ?? error.message, ...(error.cause === undefined ? [] : stacks(error.cause))];
}

function safe(text: string): string {
  return printable(text, Number.POSITIVE_INFINITY);
}

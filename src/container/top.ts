import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GockerError, hasCode, UsageError } from '../errors.ts';
import type { ContainerContext } from './context.ts';
import { findContainer } from './find.ts';
import { requireRunning } from './running.ts';

const execute = promisify(execFile);

export interface ProcessTable {
  titles: string[];
  /** A row for each process, as many cells as titles. */
  processes: string[][];
}

/**
 * The processes of a container as the host's ps(1) shows them with these options, `-ef` without any. Throws a
 * ConflictError when it does not run, a UsageError when ps does not take the options or shows no PID.
 */
export async function topContainer(
  context: ContainerContext,
  text: string,
  options: string[],
): Promise<ProcessTable> {
  const container = await findContainer(context, text);
  requireRunning(context, container);
  const output = await runPs(options.length > 0 ? options : ['-ef']);
  const pids = new Set(context.runtime.processes(container.id));
  return chooseRows(output, pids);
}

/** The rows of ps's output that are about these processes. The last column is the one that may hold spaces. */
export function chooseRows(output: string, pids: Set<number>): ProcessTable {
  const [header = '', ...lines] = output.trimEnd().split('\n');
  const titles = header.trim().split(/\s+/);
  const column = titles.indexOf('PID');
  if (column === -1) {
    throw new UsageError('NO_PID_COLUMN', 'there is no PID column in the output of ps', {
      hint: 'let ps show it, as in: gocker top NAME -o pid,comm',
    });
  }
  const rows = lines.map((line) => cellsOf(line, titles.length));
  return { titles, processes: rows.filter((cells) => pids.has(Number(cells[column]))) };
}

function cellsOf(line: string, count: number): string[] {
  const words = line.trim().split(/\s+/);
  return [...words.slice(0, count - 1), words.slice(count - 1).join(' ')];
}

async function runPs(options: string[]): Promise<string> {
  try {
    return (await execute('ps', options, { maxBuffer: 64 * 1024 ** 2 })).stdout;
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) {
      throw new GockerError('NO_PS', 'there is no program ps on this host', {
        cause,
        hint: 'install procps',
      });
    }
    const said = String((cause as { stderr?: unknown }).stderr ?? cause)
      .trim()
      .split('\n')[0];
    throw new UsageError('PS_FAILED', `ps ${options.join(' ')}: ${said}`, { cause, hint: 'see man ps' });
  }
}

import { Writable } from 'node:stream';
import type { Engine } from '../engine.ts';
import type { RunningProcess, Streams } from '../runtime/types.ts';
import { attendance, ownSize, ownStreams } from './attend.ts';
import { detachable } from './detach-keys.ts';

export interface AttachOptions {
  /** The program has a terminal. */
  tty: boolean;
  /** Standard input is handed on. */
  stdin: boolean;
  /** Signals are handed on. */
  sigProxy: boolean;
  /** What leaves the program alone, as docker writes it: `ctrl-p,ctrl-q`; empty for nothing. */
  detachKeys: string;
  /** Which of the program's outputs are shown; both when absent. */
  outputs?: { stdout: boolean; stderr: boolean };
}

/** What is stayed with, and how it is left where the keys do not suffice. */
type Program = Omit<RunningProcess, 'identity'> & { leave?(): void };

type Connect = (
  streams: Streams,
  more: { size?: { rows: number; columns: number }; onStarting(): void },
) => Promise<Program>;

/** Stays with a program until it ends or the keys are typed; resolves to the exit code. */
export async function stayAttached(
  engine: Engine,
  connect: Connect,
  options: AttachOptions,
): Promise<number> {
  const connected = { tty: options.tty, interactive: options.stdin };
  const keys = detachable(shown(ownStreams(connected), options.outputs), options);
  const attention = attendance({ ...connected, sigProxy: options.sigProxy });
  const size = options.tty ? ownSize() : undefined;
  try {
    const program = await connect(keys.streams, { ...(size ? { size } : {}), onStarting: attention.begin });
    const left = keys.detached.then(() => {
      program.leave?.();
      return { exitCode: 0, oomKilled: false };
    });
    const wait = () => Promise.race([program.wait(), left]);
    return (await attention.follow({ ...program, wait }, engine.makeRaw)).exitCode;
  } finally {
    attention.end();
    if (keys.isDetached()) process.stderr.write('read escape sequence\n');
  }
}

function shown(streams: Streams, outputs = { stdout: true, stderr: true }): Streams {
  const { stdout, stderr } = streams;
  return {
    ...streams,
    stdout: outputs.stdout ? stdout : nowhere(),
    stderr: outputs.stderr ? stderr : nowhere(),
  };
}

/** Takes all and keeps nothing. */
export function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

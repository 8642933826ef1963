import type { Engine, RunningContainer } from '../engine.ts';
import type { Streams } from '../runtime/types.ts';
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
}

type Connect = (
  streams: Streams,
  more: { size?: { rows: number; columns: number }; onStarting(): void },
) => Promise<RunningContainer>;

/** Stays with a program that a monitor runs, until it ends or the keys are typed; resolves to the exit code. */
export async function stayAttached(
  engine: Engine,
  connect: Connect,
  options: AttachOptions,
): Promise<number> {
  const connected = { tty: options.tty, interactive: options.stdin };
  const keys = detachable(ownStreams({ ...connected, tty: false }), options);
  const attention = attendance({ ...connected, sigProxy: options.sigProxy });
  const size = options.tty ? ownSize() : undefined;
  try {
    const program = await connect(keys.streams, { ...(size ? { size } : {}), onStarting: attention.begin });
    const wait = () =>
      Promise.race([program.wait(), keys.detached.then(() => ({ exitCode: 0, oomKilled: false }))]);
    return (await attention.follow({ ...program, wait }, engine.makeRaw)).exitCode;
  } finally {
    attention.end();
    if (keys.isDetached()) process.stderr.write('read escape sequence\n');
  }
}

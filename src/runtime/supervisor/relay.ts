import type { Socket } from 'node:net';
import { hasCode } from '../../errors.ts';
import type { Streams } from '../types.ts';

/** What moves bytes between a program and the streams it was given. */
export interface Relay {
  /** Resolves when all that the program wrote has been handed on. */
  drained: Promise<void>;
  /** Stops reading input, and gives up on output that is still held open. */
  stop(): void;
}

/** The program's ends: pipes, or one terminal that is both. */
export interface ProgramStreams {
  input: Socket | undefined;
  outputs: { from: Socket; to: NodeJS.WritableStream }[];
}

/** Connects both sides; back-pressure goes through. A reader that goes away closes the program's pipe: it gets SIGPIPE. */
export function relay(streams: Streams, program: ProgramStreams): Relay {
  const { input } = program;
  const source = streams.stdin;
  if (input) {
    input.on('error', ignoreGone);
    if (source) source.pipe(input);
    else if (program.outputs.every(({ from }) => from !== input)) input.end();
  }
  const drained = Promise.all(program.outputs.map(({ from, to }) => copy(from, to))).then(() => undefined);
  // Whoever waits for the end is told then; that an output cannot be written is no reason to die before.
  drained.catch(() => undefined);
  return {
    drained,
    stop: () => {
      if (input && source) source.unpipe(input);
      source && 'unref' in source && source.unref();
      source?.pause();
      input?.destroy();
      for (const { from } of program.outputs) from.destroy();
    },
  };
}

function copy(from: Socket, to: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    let isGone = false;
    const onReaderGone = (error: Error) => {
      isGone = true;
      if (!hasCode(error, 'EPIPE', 'ERR_STREAM_DESTROYED')) reject(error);
      from.destroy();
    };
    to.on('error', onReaderGone);
    // A terminal whose last program has ended reads EIO (tty_ioctl(4), "hangup").
    from.on('error', (error) => (hasCode(error, 'EIO') ? from.destroy() : reject(error)));
    const onClose = () => {
      // What was written to it before may fail yet, and somebody must hear that.
      if (isGone) return resolve();
      to.removeListener('error', onReaderGone);
      flush(to, resolve);
    };
    // A pipe whose writer has died before we look is closed already, and does not say so again.
    if (from.destroyed) return onClose();
    from.on('close', onClose);
    from.pipe(to, { end: false });
  });
}

function flush(to: NodeJS.WritableStream, done: () => void): void {
  if (to.writable) to.write('', () => done());
  else done();
}

function ignoreGone(error: Error): void {
  if (!hasCode(error, 'EPIPE', 'ECONNRESET', 'EIO', 'ERR_STREAM_DESTROYED')) throw error;
}

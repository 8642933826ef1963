import type { Socket } from 'node:net';
import { type PassThrough, Writable } from 'node:stream';
import type { LogStream, LogWriter } from '../container/logs/open.ts';
import { encodeFrame, FRAME, type Frame, frameReader } from '../container/monitor/protocol.ts';

/** One who is attached. */
export interface Client {
  socket: Socket;
  /** Wants what the program writes. */
  output: boolean;
  /** May write to the program. */
  stdin: boolean;
}

/** Hands the frames of a connection on; one that makes no sense loses its connection. */
export function readFrames(socket: Socket, handle: (frame: Frame) => void): void {
  const read = frameReader();
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const frame of read(chunk)) handle(frame);
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
      socket.destroy();
    }
  });
}

/** What a program writes goes to the log, then to all who are attached; the next chunk waits for the slowest of them. */
export function fanOut(name: LogStream, log: LogWriter, clients: Set<Client>): Writable {
  const type = name === 'stdout' ? FRAME.STDOUT : FRAME.STDERR;
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.write(name, chunk);
      const readers = [...clients].filter(({ output }) => output);
      if (readers.length === 0) return done();
      const frame = encodeFrame(type, chunk);
      Promise.all(readers.map(({ socket }) => send(socket, frame))).then(() => done(), done);
    },
  });
}

function send(socket: Socket, frame: Buffer): Promise<void> | undefined {
  if (socket.destroyed || socket.write(frame)) return undefined;
  return new Promise((resolve) => {
    const go = () => {
      socket.off('drain', go).off('close', go);
      resolve();
    };
    socket.on('drain', go).on('close', go);
  });
}

/** Keys and bytes for the program; a program that does not read makes the sender wait. */
export function feed(input: PassThrough, data: Buffer, socket: Socket): void {
  if (input.writableEnded || input.destroyed || input.write(data)) return;
  socket.pause();
  input.once('drain', () => socket.resume());
}

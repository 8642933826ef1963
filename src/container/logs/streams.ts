import { Writable } from 'node:stream';
import type { Streams } from '../../runtime/types.ts';
import type { LogStream, LogWriter } from './open.ts';

/** Streams of which a log keeps what is written. */
export interface LoggedStreams extends Streams {
  /** To be called when nothing more will be written: the streams behind may see many containers come and go. */
  release(): void;
}

/** The same streams, with all that is written to them kept in the log first. */
export function logStreams(streams: Streams, log: LogWriter): LoggedStreams {
  const stdout = logged('stdout', streams.stdout, log);
  const stderr = logged('stderr', streams.stderr, log);
  const release = () => {
    for (const { release: one } of [stdout, stderr]) one();
  };
  return { ...streams, stdout: stdout.stream, stderr: stderr.stream, release };
}

/** Takes the next chunk only when the reader has taken this one. A reader that goes away is an error of this stream too. */
function logged(name: LogStream, to: NodeJS.WritableStream, log: LogWriter) {
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.write(name, chunk);
      try {
        to.write(chunk, done);
      } catch (error) {
        // One that leads to a file writes at once, and throws.
        done(error as Error);
      }
    },
  });
  const onError = (error: Error) => stream.destroy(error);
  to.on('error', onError);
  return { stream, release: () => void to.removeListener('error', onError) };
}

import { Writable } from 'node:stream';
import type { Streams } from '../../runtime/types.ts';
import type { LogStream, LogWriter } from './open.ts';

/** The same streams, with all that is written to them kept in the log first. */
export function logStreams(streams: Streams, log: LogWriter): Streams {
  return {
    ...streams,
    stdout: logged('stdout', streams.stdout, log),
    stderr: logged('stderr', streams.stderr, log),
  };
}

/** Takes the next chunk only when the reader has taken this one. A reader that goes away is an error of this stream too. */
function logged(name: LogStream, to: NodeJS.WritableStream, log: LogWriter): Writable {
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.write(name, chunk);
      to.write(chunk, done);
    },
  });
  to.on('error', (error) => stream.destroy(error));
  return stream;
}

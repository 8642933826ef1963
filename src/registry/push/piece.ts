import { createReadStream } from 'node:fs';
import { type Readable, Transform } from 'node:stream';
import { RegistryError } from '../error.ts';
import type { Piece } from './session.ts';

export interface PieceSource {
  /** The file that has the blob. */
  path: string;
  /** For messages: `blob sha256:...`. */
  what: string;
  /** Where it goes, for messages. */
  host: string;
  /** Milliseconds in which the network must take something. */
  progress: number;
  /** How far the blob is, counted from its first byte. */
  onProgress(position: number): void;
}

const CHUNK = 256 * 1024;

/** A part of a file that is read as the network takes it. It fails when that takes nothing for a while. */
export function pieceOf(source: PieceSource, start: number, length: number): Piece {
  return { start, length, open: () => openPiece(source, start, length) };
}

function openPiece(source: PieceSource, start: number, length: number): Readable {
  const { path, onProgress } = source;
  const file = createReadStream(path, { start, end: start + length - 1, highWaterMark: CHUNK });
  let position = start;
  const counter = new Transform({
    highWaterMark: CHUNK,
    transform(chunk: Buffer, _encoding, done) {
      position += chunk.length;
      onProgress(position);
      done(null, chunk);
    },
  });
  const stopWatching = watch(counter, source, () => position);
  counter.once('end', stopWatching).once('close', () => {
    stopWatching();
    file.destroy();
  });
  file.once('error', (error) => counter.destroy(error));
  onProgress(start);
  return file.pipe(counter);
}

function watch(stream: Transform, { what, host, progress }: PieceSource, position: () => number): () => void {
  let [seen, idle] = [position(), 0];
  const step = progress / 4;
  const timer = setInterval(() => {
    idle = position() === seen ? idle + step : 0;
    seen = position();
    if (idle >= progress) stream.destroy(stalled(what, host, progress));
  }, step);
  timer.unref();
  return () => clearInterval(timer);
}

function stalled(what: string, host: string, progress: number): RegistryError {
  return new RegistryError('REGISTRY_TIMEOUT', `${what}: ${host} took nothing for ${progress} ms`, {
    transient: true,
    hint: 'check the network and the registry, then try again',
  });
}

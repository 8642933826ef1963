import { createWriteStream, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

type Bytes = AsyncIterable<Buffer> | Iterable<Buffer>;

/** A path, or a stream that stays open. */
export type ArchiveOutput = string | NodeJS.WritableStream;

/**
 * Writes bytes to a stream, or to a file that is there only when it is whole: beside it first, then renamed (mode 0600,
 * as docker's). What is no plain file, such as /dev/null or a fifo, is written to as it is.
 */
export async function writeOutput(bytes: Bytes, to: ArchiveOutput): Promise<void> {
  const isFile = typeof to === 'string' && (statSync(to, { throwIfNoEntry: false })?.isFile() ?? true);
  if (isFile) return await writeBeside(bytes, to);
  const source = Readable.from(bytes, { objectMode: false });
  if (typeof to === 'string') await pipeline(source, createWriteStream(to));
  else {
    await pipeline(source, to, { end: false });
    await written(to);
  }
}

/** A pipeline to a stream that stays open is through when its source is, whatever a slow reader has not taken yet. */
function written(to: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    to.write('', (error) => (error ? reject(error) : resolve()));
  });
}

async function writeBeside(source: Bytes, path: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  const file = await open(temporary, 'wx', 0o600);
  try {
    for await (const bytes of source) await file.writeFile(bytes);
    await file.sync();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

import { hasCode } from '../errors.ts';

/** Writes bytes as fast as the reader takes them; false when it has gone away (`gocker logs web | head`). */
export async function writeAll(to: NodeJS.WriteStream, data: Buffer): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    const fail = (error: Error) => (hasCode(error, 'EPIPE') ? resolve(false) : reject(error));
    to.once('error', fail);
    to.write(data, (error) => {
      to.off('error', fail);
      if (error) fail(error);
      else resolve(true);
    });
  });
}

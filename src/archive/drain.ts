import { pipeline } from 'node:stream/promises';

export interface Drain {
  /** Changes the bytes on the way. */
  through?: NodeJS.ReadWriteStream;
  take(bytes: Buffer): Promise<void>;
}

/**
 * Hands each piece of a stream to `take`, one after the other. Rejects with what `take` threw, else with what the stream
 * did; the stream is destroyed then.
 */
export async function drain(
  input: NodeJS.ReadableStream | Iterable<Buffer>,
  { through, take }: Drain,
): Promise<void> {
  // The pipeline itself may tell of no more than that it was stopped.
  let failure: { error: unknown } | undefined;
  const sink = async (pieces: AsyncIterable<string | Buffer>) => {
    try {
      for await (const piece of pieces) await take(piece as Buffer);
    } catch (error) {
      failure = { error };
      throw error;
    }
  };
  try {
    await (through === undefined ? pipeline(input, sink) : pipeline(input, through, sink));
  } catch (error) {
    throw failure === undefined ? error : failure.error;
  }
}

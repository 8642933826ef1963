/**
 * What a monitor and those who attach to it say to each other, over a unix socket in the run folder. Frames: one byte for
 * the type, four for the length (big-endian), then so many bytes.
 */
export const FRAME = { STDIN: 0, STDOUT: 1, STDERR: 2, MESSAGE: 3 } as const;
export type FrameType = (typeof FRAME)[keyof typeof FRAME];

/** From the one who attaches; `hello` comes first. */
export type Request =
  | { type: 'hello'; stdin: boolean; output: boolean }
  | { type: 'stdin-end' }
  | { type: 'signal'; signal: number }
  | { type: 'resize'; rows: number; columns: number };

/** From the monitor. `attached` answers `hello`; `ended` is the last. */
export type Answer = { type: 'attached' } | { type: 'ended'; exitCode: number; oomKilled: boolean };

export interface Frame {
  type: FrameType;
  data: Buffer;
}

const HEADER_BYTES = 5;
/** Longer frames are a mistake of the sender: a chunk of a pipe is 64 KiB. */
const MAX_FRAME = 1024 * 1024;

export function encodeFrame(type: FrameType, data: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(data.length, 1);
  return Buffer.concat([header, data]);
}

export function encodeMessage(message: Request | Answer): Buffer {
  return encodeFrame(FRAME.MESSAGE, Buffer.from(JSON.stringify(message)));
}

/** Takes bytes as they come and gives whole frames. Throws a RangeError for a frame that cannot be. */
export function frameReader(): (chunk: Buffer) => Frame[] {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    let data = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const frames: Frame[] = [];
    while (data.length >= HEADER_BYTES) {
      const length = data.readUInt32BE(1);
      if (length > MAX_FRAME) throw new RangeError(`a frame of ${length} bytes`);
      const end = HEADER_BYTES + length;
      if (data.length < end) break;
      frames.push({ type: data.readUInt8(0) as FrameType, data: data.subarray(HEADER_BYTES, end) });
      data = data.subarray(end);
    }
    pending = data;
    return frames;
  };
}

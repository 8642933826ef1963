import type { FileStat } from './syscalls.ts';

const NANO = 1_000_000_000n;

/** Reads a `struct statx` (256 bytes, statx(2)). */
export function decodeStat(buffer: Buffer): FileStat {
  const time = (at: number) => buffer.readBigInt64LE(at) * NANO + BigInt(buffer.readUInt32LE(at + 8));
  return {
    nlink: buffer.readUInt32LE(16),
    uid: buffer.readUInt32LE(20),
    gid: buffer.readUInt32LE(24),
    mode: buffer.readUInt16LE(28),
    ino: buffer.readBigUInt64LE(32),
    size: Number(buffer.readBigUInt64LE(40)),
    blocks: Number(buffer.readBigUInt64LE(48)),
    atimeNs: time(64),
    mtimeNs: time(112),
    rdev: { major: buffer.readUInt32LE(128), minor: buffer.readUInt32LE(132) },
    dev: { major: buffer.readUInt32LE(136), minor: buffer.readUInt32LE(140) },
    mountId: buffer.readBigUInt64LE(144),
  };
}

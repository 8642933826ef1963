import type { Syscalls } from '../../native/syscalls.ts';

/** asm-generic/ioctls.h. */
const TCGETS = 0x5401;
const TCSETS = 0x5402;
/** The kernel's struct termios: four flag words, a line discipline, 19 control characters (asm-generic/termbits.h). */
const TERMIOS_BYTES = 36;
const OFFSET = { iflag: 0, oflag: 4, cflag: 8, lflag: 12, cc: 17 };
const VTIME = 5;
const VMIN = 6;

/** What cfmakeraw(3) takes out: IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON, OPOST, ISIG ICANON ECHO ECHONL IEXTEN. */
const OFF = { iflag: 0o2753, oflag: 0o1, cflag: 0o460, lflag: 0o100113 };
const CS8 = 0o60;

/**
 * Hands every key of the terminal on as it is typed and shows output as it is written, which Node's own raw mode does
 * not (it turns newlines into returns). The returned function gives the terminal back; calling it again does no harm.
 */
export function makeRaw({ ioctlBuffer }: Pick<Syscalls, 'ioctlBuffer'>, fd: number): () => void {
  const before = Buffer.alloc(TERMIOS_BYTES);
  ioctlBuffer(fd, TCGETS, before);
  ioctlBuffer(fd, TCSETS, rawOf(before));
  return () => {
    ioctlBuffer(fd, TCSETS, before);
  };
}

function rawOf(termios: Buffer): Buffer {
  const raw = Buffer.from(termios);
  const endian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 'LE' : 'BE';
  for (const field of ['iflag', 'oflag', 'cflag', 'lflag'] as const) {
    const value = raw[`readUInt32${endian}`](OFFSET[field]);
    const on = field === 'cflag' ? CS8 : 0;
    raw[`writeUInt32${endian}`](((value & ~OFF[field]) | on) >>> 0, OFFSET[field]);
  }
  raw[OFFSET.cc + VMIN] = 1;
  raw[OFFSET.cc + VTIME] = 0;
  return raw;
}

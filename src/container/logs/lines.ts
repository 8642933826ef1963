/** docker's longest line of a log (moby, daemon/logger/copier.go, defaultBufSize); longer ones are kept in pieces. */
export const MAX_LINE = 16 * 1024;

const NEWLINE = 0x0a;

/** Cuts a stream of bytes into lines, each with its newline, and into pieces of lines that are longer than MAX_LINE. */
export interface LineCutter {
  cut(chunk: Buffer): Buffer[];
  /** What came after the last newline. */
  rest(): Buffer;
}

export function lineCutter(): LineCutter {
  let pending: Buffer = Buffer.alloc(0);
  return {
    cut(chunk) {
      const data = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const lines: Buffer[] = [];
      let at = 0;
      for (let end = nextCut(data, at); end > at; end = nextCut(data, at)) {
        lines.push(data.subarray(at, end));
        at = end;
      }
      // A copy: the chunk's memory is larger and would be held on to.
      pending = Buffer.from(data.subarray(at));
      return lines;
    },
    rest() {
      const last = pending;
      pending = Buffer.alloc(0);
      return last;
    },
  };
}

/** Where the line that begins at `at` is to be cut; `at` itself when its end has not come yet. */
function nextCut(data: Buffer, at: number): number {
  const newline = data.indexOf(NEWLINE, at);
  const end = newline === -1 ? data.length : newline + 1;
  if (end - at > MAX_LINE) return wholeCharacters(data, at, at + MAX_LINE);
  return newline === -1 ? at : end;
}

/** The last place up to `end` that does not split a character of UTF-8 (at most 4 bytes, RFC 3629). */
function wholeCharacters(data: Buffer, at: number, end: number): number {
  for (let cut = end; cut > at && cut > end - 4; cut--) {
    if ((data[cut]! & 0xc0) !== 0x80) return cut;
  }
  return end;
}

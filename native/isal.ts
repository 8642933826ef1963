import { promisify } from 'node:util';
import koffi from 'koffi';

const { array } = koffi;

/** `struct inflate_state` of igzip_lib.h, up to the last field that is used here; the library may change all of it. */
const STATE = koffi.struct({
  next_out: 'uint64_t',
  avail_out: 'uint32_t',
  total_out: 'uint32_t',
  next_in: 'uint64_t',
  read_in: 'uint64_t',
  avail_in: 'uint32_t',
  read_in_length: 'int32_t',
  literal_codes: array('uint32_t', 4096),
  long_literal_codes: array('uint16_t', 1264),
  distance_codes: array('uint16_t', 1024),
  long_distance_codes: array('uint16_t', 80),
  block_state: 'int',
  dict_length: 'uint32_t',
  bfinal: 'uint32_t',
  crc_flag: 'uint32_t',
});
const at = (field: string) => koffi.offsetof(STATE, field);
const [NEXT_OUT, AVAIL_OUT, NEXT_IN] = [at('next_out'), at('avail_out'), at('next_in')];
const [AVAIL_IN, BLOCK_STATE, CRC_FLAG] = [at('avail_in'), at('block_state'), at('crc_flag')];
/** Bytes; version 2.30 takes 87 KiB, of which two thirds are a window of what has been put out. */
const STATE_SIZE = 256 * 1024;

/** `ISAL_GZIP`: there is a header, and a trailer whose checksum is checked. */
const GZIP = 1;
/** `ISAL_BLOCK_FINISH` */
const FINISH = 5;

/** By negated result, in zlib's words. */
const FAILURES: Record<number, string> = {
  1: 'invalid block type',
  2: 'invalid code',
  3: 'invalid distance too far back',
  4: 'incorrect header check',
  5: 'unknown compression method',
  6: 'incorrect data check',
};

/** The data are damaged, or none of gzip's. */
export class InflateError extends Error {}

/** What became of a piece. */
export interface Inflated {
  /** How many bytes of the input are left. Some may be while the output is full, or after the end of the member. */
  left: number;
  /** How many bytes have been put out. More may come when the output is full. */
  filled: number;
  /** Whether the member of the gzip data has ended, its checksum being right. */
  isOver: boolean;
}

/** Unpacks gzip data, member by member. */
export interface Inflater {
  /** To be called before each member. */
  begin(): void;
  /** Goes on with some more bytes. Throws an InflateError that says what is wrong with them. */
  inflate(input: Uint8Array, output: Uint8Array): Inflated;
  /** The same in another thread. Nothing else may be asked of it, and nothing done with the bytes, before it is through. */
  inflateApart(input: Uint8Array, output: Uint8Array): Promise<Inflated>;
}

/**
 * The inflate of Intel's ISA-L (libisal.so.2), which takes about half as long as that of zlib. Undefined where that library is not
 * installed, or does not do what version 2.30 does.
 */
export function openInflater(): Inflater | undefined {
  try {
    const inflater = fromLibrary(koffi.load('libisal.so.2'));
    return isSound(inflater) ? inflater : undefined;
  } catch {
    return undefined;
  }
}

function fromLibrary(library: ReturnType<typeof koffi.load>): Inflater {
  const initialise = library.func('isal_inflate_init', 'void', ['void *']);
  const run = library.func('isal_inflate', 'int', ['void *']);
  const runApart = promisify(run.async);
  const state = Buffer.alloc(STATE_SIZE);
  return {
    begin() {
      initialise(state);
      state.writeUInt32LE(GZIP, CRC_FLAG);
    },
    inflate(input, output) {
      prepare(state, input, output);
      return outcome(state, output, run(state));
    },
    async inflateApart(input, output) {
      prepare(state, input, output);
      return outcome(state, output, await runApart(state));
    },
  };
}

function prepare(state: Buffer, input: Uint8Array, output: Uint8Array): void {
  state.writeBigUInt64LE(koffi.address(input), NEXT_IN);
  state.writeUInt32LE(input.length, AVAIL_IN);
  state.writeBigUInt64LE(koffi.address(output), NEXT_OUT);
  state.writeUInt32LE(output.length, AVAIL_OUT);
}

function outcome(state: Buffer, output: Uint8Array, result: number): Inflated {
  if (result < 0) throw new InflateError(FAILURES[-result] ?? `invalid data (${result})`);
  return {
    left: state.readUInt32LE(AVAIL_IN),
    filled: output.length - state.readUInt32LE(AVAIL_OUT),
    isOver: state.readInt32LE(BLOCK_STATE) === FINISH,
  };
}

/** `gocker` as one member, and a byte more. */
const SAMPLE = Buffer.from('H4sIAAAAAAAA/0vPT85OLQIAA43BdAYAAAAf', 'base64');

/** Whether the fields are where they are thought to be. */
function isSound(inflater: Inflater): boolean {
  const output = Buffer.alloc(16);
  inflater.begin();
  const { left, filled, isOver } = inflater.inflate(SAMPLE, output);
  return left === 1 && isOver && output.toString('latin1', 0, filled) === 'gocker';
}

import { promisify } from 'node:util';
import koffi from 'koffi';

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
  found ??= { library: findLibrary() };
  return found.library && createInflater(found.library);
}

/** Looked for once. */
let found: { library: Library | undefined } | undefined;

type Library = ReturnType<typeof openLibrary>;

function findLibrary(): Library | undefined {
  try {
    const library = openLibrary();
    return isSound(createInflater(library)) ? library : undefined;
  } catch {
    return undefined;
  }
}

function openLibrary() {
  const library = koffi.load('libisal.so.2');
  const run = library.func('isal_inflate', 'int', ['void *']);
  return {
    initialise: library.func('isal_inflate_init', 'void', ['void *']),
    run,
    runApart: promisify(run.async),
    offsets: offsetsOfState(),
  };
}

/** `struct inflate_state` of igzip_lib.h, up to the last field that is used here; the library may change all of it. */
function offsetsOfState() {
  const state = koffi.struct({
    next_out: 'uint64_t',
    avail_out: 'uint32_t',
    total_out: 'uint32_t',
    next_in: 'uint64_t',
    read_in: 'uint64_t',
    avail_in: 'uint32_t',
    read_in_length: 'int32_t',
    literal_codes: koffi.array('uint32_t', 4096),
    long_literal_codes: koffi.array('uint16_t', 1264),
    distance_codes: koffi.array('uint16_t', 1024),
    long_distance_codes: koffi.array('uint16_t', 80),
    block_state: 'int',
    dict_length: 'uint32_t',
    bfinal: 'uint32_t',
    crc_flag: 'uint32_t',
  });
  const at = (field: string) => koffi.offsetof(state, field);
  return {
    nextOut: at('next_out'),
    availOut: at('avail_out'),
    nextIn: at('next_in'),
    availIn: at('avail_in'),
    blockState: at('block_state'),
    crcFlag: at('crc_flag'),
  };
}

function createInflater({ initialise, run, runApart, offsets }: Library): Inflater {
  const state = Buffer.alloc(STATE_SIZE);

  function prepare(input: Uint8Array, output: Uint8Array): void {
    state.writeBigUInt64LE(koffi.address(input), offsets.nextIn);
    state.writeUInt32LE(input.length, offsets.availIn);
    state.writeBigUInt64LE(koffi.address(output), offsets.nextOut);
    state.writeUInt32LE(output.length, offsets.availOut);
  }

  function outcome(output: Uint8Array, result: number): Inflated {
    if (result < 0) throw new InflateError(FAILURES[-result] ?? `invalid data (${result})`);
    return {
      left: state.readUInt32LE(offsets.availIn),
      filled: output.length - state.readUInt32LE(offsets.availOut),
      isOver: state.readInt32LE(offsets.blockState) === FINISH,
    };
  }

  return {
    begin() {
      initialise(state);
      state.writeUInt32LE(GZIP, offsets.crcFlag);
    },
    inflate(input, output) {
      prepare(input, output);
      return outcome(output, run(state));
    },
    async inflateApart(input, output) {
      prepare(input, output);
      return outcome(output, await runApart(state));
    },
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

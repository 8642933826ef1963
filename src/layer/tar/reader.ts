import { InvalidLayerError } from '../error.ts';
import { buildEntry, type Extensions } from './build.ts';
import { type DataRange, TAR_LIMITS, type TarEntry, type TarLimits, type TarSink } from './entry.ts';
import { BLOCK, isZero, parseHeader, type TarHeader } from './header.ts';
import { parsePax } from './pax.ts';
import { blocksOf, checkRanges, mapInData, oldRanges, oldSparse, paxSparse } from './sparse.ts';

/** Who takes the next bytes: a fixed number of them at once, or as they come. */
type Expectation =
  | { kind: 'whole'; length: number; take(bytes: Buffer): void }
  | { kind: 'data'; left: number }
  | { kind: 'skip'; left: number }
  | { kind: 'end' };

/**
 * Reads a tar archive that is pushed in pieces of any size, and tells a sink what is in it, synchronously. Understands
 * v7, ustar, GNU (long names, base-256 numbers, sparse files) and pax. Global pax headers are passed over, as docker
 * does. What follows the end of the archive is ignored. Errors are INVALID_LAYER and whatever the sink throws.
 */
export class TarReader {
  #expect: Expectation = this.#header();
  #partial: Buffer[] = [];
  #partialLength = 0;
  #zeroBlocks = 0;
  #entries = 0;
  #extensions: Extensions = { pax: [] };
  #hasExtensions = false;
  #metadataBytes = 0;
  #padding = 0;

  constructor(
    private readonly sink: TarSink,
    private readonly limits: TarLimits = TAR_LIMITS,
  ) {}

  write(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && this.#expect.kind !== 'end'; ) {
      at += this.#feed(at === 0 ? chunk : chunk.subarray(at));
    }
  }

  /**
   * To be called after the last bytes. An archive without its two final blocks of NULs is accepted as long as it ends
   * between entries, as GNU tar and docker do.
   */
  end(): void {
    const between =
      this.#expect.kind === 'whole' && this.#expect.length === BLOCK && this.#partialLength === 0;
    if (this.#expect.kind !== 'end' && !(between && !this.#hasExtensions)) {
      throw new InvalidLayerError('the archive ends in the middle of an entry');
    }
  }

  /** Takes what it can of the chunk; returns how much that was. */
  #feed(chunk: Buffer): number {
    const expect = this.#expect;
    if (expect.kind === 'whole') return this.#gather(chunk, expect);
    if (expect.kind === 'end') return chunk.length;
    const taken = Math.min(expect.left, chunk.length);
    if (expect.kind === 'data' && taken > 0) this.sink.data(chunk.subarray(0, taken));
    expect.left -= taken;
    if (expect.left === 0) this.#finishPart(expect.kind);
    return taken;
  }

  #gather(chunk: Buffer, expect: Extract<Expectation, { kind: 'whole' }>): number {
    const part = chunk.subarray(0, expect.length - this.#partialLength);
    if (this.#partialLength === 0 && part.length === expect.length) {
      expect.take(part);
      return part.length;
    }
    this.#partial.push(Buffer.from(part));
    this.#partialLength += part.length;
    if (this.#partialLength === expect.length) {
      const whole = Buffer.concat(this.#partial);
      [this.#partial, this.#partialLength] = [[], 0];
      expect.take(whole);
    }
    return part.length;
  }

  #finishPart(kind: 'data' | 'skip'): void {
    if (kind === 'data') this.sink.close();
    const padding = kind === 'data' ? this.#padding : 0;
    this.#expect = padding > 0 ? { kind: 'skip', left: padding } : this.#header();
  }

  #header(): Expectation {
    return { kind: 'whole', length: BLOCK, take: (block) => this.#takeHeader(block) };
  }

  #takeHeader(block: Buffer): void {
    if (block[0] === 0 && isZero(block)) {
      if (this.#hasExtensions) throw new InvalidLayerError('the archive ends in the middle of an entry');
      this.#expect = ++this.#zeroBlocks === 2 ? { kind: 'end' } : this.#header();
      return;
    }
    if (this.#zeroBlocks > 0) throw new InvalidLayerError('tar header: a lone block of NULs');
    this.#dispatch(parseHeader(block));
  }

  #dispatch(header: TarHeader): void {
    switch (header.typeflag) {
      case 'x':
        this.#metadata(header, (bytes) => this.#extensions.pax.push(...parsePax(bytes)));
        break;
      case 'g':
        this.#metadata(header, parsePax, false);
        break;
      case 'L':
        this.#metadata(header, (bytes) => {
          this.#extensions.longName = cString(bytes);
        });
        break;
      case 'K':
        this.#metadata(header, (bytes) => {
          this.#extensions.longLink = cString(bytes);
        });
        break;
      case 'S':
        this.#oldSparse(header);
        break;
      default:
        this.#member(header);
    }
  }

  #metadata(header: TarHeader, keep: (bytes: Buffer) => void, isAboutNext = true): void {
    const { size } = header;
    this.#metadataBytes += size;
    if (size < 0 || this.#metadataBytes > this.limits.metadata) {
      throw new InvalidLayerError(`tar header: metadata of ${size} bytes, more than ${this.limits.metadata}`);
    }
    this.#count();
    if (isAboutNext) this.#hasExtensions = true;
    this.#whole(blocksOf(size), (bytes) => {
      this.#expect = this.#header();
      keep(Buffer.from(bytes.subarray(0, size)));
    });
  }

  #member(header: TarHeader): void {
    const entry = this.#build(header);
    const sparse = entry.type === 'file' ? paxSparse(this.#extensions.pax) : undefined;
    if (sparse === undefined) {
      this.#start(entry, entry.size);
      return;
    }
    const whole = { ...entry, size: sparse.size, name: sparse.name ?? entry.name };
    if (sparse.map === undefined) this.#mapBlocks(whole, entry.size, '');
    else this.#startSparse(whole, sparse.map, entry.size);
  }

  #build(header: TarHeader): TarEntry {
    this.#count();
    return buildEntry(header, this.#extensions, this.limits);
  }

  #count(): void {
    if (++this.#entries <= this.limits.entries) return;
    throw new InvalidLayerError(`the layer has more than ${this.limits.entries} entries`);
  }

  #oldSparse(header: TarHeader): void {
    const { ranges, size, extended } = oldSparse(header);
    const entry = this.#build(header);
    const whole = { ...entry, size };
    const start = () => this.#startSparse(whole, ranges, entry.size);
    if (extended) this.#extensionBlocks(ranges, start);
    else start();
  }

  #extensionBlocks(ranges: DataRange[], done: () => void): void {
    this.#whole(BLOCK, (block) => {
      ranges.push(...oldRanges(block, 0, 21));
      if (ranges.length * 24 > this.limits.metadata)
        throw new InvalidLayerError('tar header: sparse map too long');
      if (block[504] === 0) done();
      else this.#extensionBlocks(ranges, done);
    });
  }

  #mapBlocks(entry: TarEntry, stored: number, text: string): void {
    this.#whole(BLOCK, (block) => {
      const grown = text + block.toString('latin1');
      const ranges = mapInData(grown);
      const left = stored - grown.length;
      if (left < 0 || grown.length > this.limits.metadata)
        throw new InvalidLayerError('tar header: sparse map too long');
      if (ranges === undefined) this.#mapBlocks(entry, stored, grown);
      else this.#startSparse(entry, ranges, left);
    });
  }

  #startSparse(entry: TarEntry, ranges: DataRange[], stored: number): void {
    this.#start({ ...entry, sparse: checkRanges(ranges, entry.size, stored) }, stored);
  }

  #start(entry: TarEntry, stored: number): void {
    [this.#extensions, this.#hasExtensions, this.#metadataBytes] = [{ pax: [] }, false, 0];
    this.sink.entry(entry);
    this.#padding = blocksOf(stored) - stored;
    this.#expect = { kind: 'data', left: stored };
    if (stored === 0) this.#finishPart('data');
  }

  #whole(length: number, take: (bytes: Buffer) => void): void {
    this.#expect = { kind: 'whole', length, take };
    if (length === 0) take(Buffer.alloc(0));
  }
}

function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}

/** Tells all threads whether there are cores without a layer to unpack. */
export interface Spare {
  /** For `hasSpare` in other threads. */
  memory: SharedArrayBuffer;
  /** How many cores have one. */
  update(busy: number): void;
}

export function createSpare(cores: number): Spare {
  const memory = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const flag = new Int32Array(memory);
  return { memory, update: (busy) => void Atomics.store(flag, 0, busy < cores ? 1 : 0) };
}

/** A function that says whether there are such cores, at any time. */
export function hasSpare(memory: SharedArrayBuffer): () => boolean {
  const flag = new Int32Array(memory);
  return () => Atomics.load(flag, 0) === 1;
}

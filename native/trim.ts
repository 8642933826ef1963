import koffi from 'koffi';

/**
 * Gives what glibc keeps of freed memory back to the kernel (malloc_trim(3)). musl keeps little, and has no such function:
 * nothing happens there.
 */
export function trimMemory(): void {
  try {
    koffi.load(null).func('malloc_trim', 'int', ['size_t'])(0);
  } catch {
    // Memory that is kept does no harm.
  }
}

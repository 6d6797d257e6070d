/**
 * Blocks of linear memory: the TLSF allocator of the runtime, with 64-byte alignment.
 *
 * Layout     [slack][address that TLSF gave, u32 at block − 8][block].
 * Pre        bytes ≥ 0; a released block came from reserve and is released once.
 * Post       reserve may grow memory; it calls the import `abort` or traps when it cannot.
 * Secret     sizes are public.
 * Reference  src/kernels/memory.ts, the only caller besides tests.
 * @module
 */

const ALIGN: usize = 64;

/** A block of at least `bytes` bytes, 64-byte aligned. */
export function reserve(bytes: usize): usize {
  const raw = heap.alloc(bytes + ALIGN);
  const block = (raw + ALIGN) & ~(ALIGN - 1); // TLSF aligns to 16, so at least 16 bytes lie before it
  store<usize>(block - 8, raw);
  return block;
}

/** Gives a block back. */
export function release(block: usize): void {
  heap.free(load<usize>(block - 8));
}

/**
 * The linear memory of the TypeScript backend: one ArrayBuffer, a first-fit free list, views remade on growth.
 *
 * It plays the part that Wasm memory and its allocator play in the other backend, so that `kernels/memory.ts` and everything
 * above see no difference.
 * @module
 */

import type { Ptr } from '../contract.ts';

const ALIGN = 64;
const FIRST_BYTES = 1 << 20;
const LIMIT_BYTES = 2 ** 32 - 65536;

interface Gap {
  readonly at: Ptr;
  readonly bytes: number;
}

/** Growable memory with typed views of all of it. Views are replaced when it grows: read them at each call. */
export class LinearMemory {
  buffer: ArrayBuffer = new ArrayBuffer(FIRST_BYTES);
  u8: Uint8Array<ArrayBuffer> = new Uint8Array(this.buffer);
  i32: Int32Array<ArrayBuffer> = new Int32Array(this.buffer);
  f64: Float64Array<ArrayBuffer> = new Float64Array(this.buffer);
  /** Free ranges in address order, never adjacent. Address 0 is never given out. */
  #gaps: Gap[] = [{ at: ALIGN, bytes: FIRST_BYTES - ALIGN }];
  #blocks = new Map<Ptr, number>();

  /** First fit; grows when nothing fits. */
  reserve(bytes: number): Ptr {
    if (!(bytes >= 0 && bytes <= LIMIT_BYTES)) {
      throw new RangeError(`kernels: cannot reserve ${bytes} bytes`);
    }
    const size = Math.max(ALIGN, Math.ceil(bytes / ALIGN) * ALIGN);
    let i = this.#gaps.findIndex((gap) => gap.bytes >= size);
    if (i < 0) {
      this.#grow(size);
      i = this.#gaps.length - 1;
    }
    const gap = this.#gaps[i];
    if (gap.bytes === size) this.#gaps.splice(i, 1);
    else this.#gaps[i] = { at: gap.at + size, bytes: gap.bytes - size };
    this.#blocks.set(gap.at, size);
    return gap.at;
  }

  /** Gives a block back and joins it with free neighbours. */
  release(block: Ptr): void {
    const bytes = this.#blocks.get(block);
    if (bytes === undefined)
      throw new RangeError('kernels: release of a block that is not reserved');
    this.#blocks.delete(block);
    this.#free({ at: block, bytes });
  }

  #free(gap: Gap): void {
    const gaps = this.#gaps;
    let i = gaps.findIndex((other) => other.at > gap.at);
    if (i < 0) i = gaps.length;
    let { at, bytes } = gap;
    let [from, count] = [i, 0];
    const left = gaps[i - 1];
    if (left !== undefined && left.at + left.bytes === at) {
      [at, bytes, from, count] = [left.at, left.bytes + bytes, i - 1, 1];
    }
    const right = gaps[i];
    if (right !== undefined && at + bytes === right.at)
      [bytes, count] = [bytes + right.bytes, count + 1];
    gaps.splice(from, count, { at, bytes });
  }

  #grow(bytes: number): void {
    const old = this.buffer.byteLength;
    const last = this.#gaps.at(-1);
    const spare = last !== undefined && last.at + last.bytes === old ? last.bytes : 0;
    const least = old + bytes - spare;
    if (least > LIMIT_BYTES)
      throw new RangeError(`kernels: out of memory reserving ${bytes} bytes`);
    const size = Math.min(Math.max(least, old * 2), LIMIT_BYTES);
    const grown = new ArrayBuffer(size); // throws RangeError when the platform has no more
    new Uint8Array(grown).set(this.u8);
    this.buffer = grown;
    this.u8 = new Uint8Array(grown);
    this.i32 = new Int32Array(grown);
    this.f64 = new Float64Array(grown);
    this.#free({ at: old, bytes: size - old });
  }
}

/**
 * Descriptors: what a party asks the dealer for, as bytes.
 *
 * The same bytes are the request on the wire and the PRG context of the material, so whoever asks for something else gets other
 * randomness (C5). Little-endian, every list length-prefixed: injective. Wire version 1.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import type { View } from '../../ring/view.ts';
import type { Tag } from '../tag.ts';

/** A mask named by the tag it was opened under, and how a product reads it. */
export interface MaskRef {
  readonly tag: Tag;
  /** Words of the whole mask. */
  readonly length: number;
  readonly view: View;
}

/** Largest number of words that one segment of a request may have; larger ones are refused before anything is allocated. */
export const MAX_REQUEST_WORDS: number = 2 ** 27;

/** Writes descriptors. */
export class DescriptorWriter {
  readonly #bytes: number[] = [];

  u8(value: number): this {
    this.#bytes.push(value & 255);
    return this;
  }

  u32(value: number): this {
    return this.u8(value)
      .u8(value >>> 8)
      .u8(value >>> 16)
      .u8(value >>> 24);
  }

  i32(value: number): this {
    return this.u32(value | 0);
  }

  u64(value: number): this {
    return this.u32(value % 2 ** 32).u32(Math.floor(value / 2 ** 32));
  }

  mask(ref: MaskRef): this {
    this.u8(ref.tag.space.length);
    for (const fork of ref.tag.space) this.u32(fork.rank).u64(fork.counter);
    this.u64(ref.tag.seq).u32(ref.length).u8(ref.view.shape.length).u32(ref.view.offset);
    ref.view.shape.forEach((dim, axis) => this.u32(dim).i32(ref.view.strides[axis]));
    return this;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/**
 * Reads descriptors that came from a peer; every size is checked before it is used.
 *
 * @throws {MpcError} ERR_MPC_ABORT when the bytes are no descriptor.
 */
export class DescriptorReader {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(max = 255): number {
    return this.#checked(this.#view.getUint8(this.#take(1)), max);
  }

  u32(max: number = MAX_REQUEST_WORDS): number {
    return this.#checked(this.#view.getUint32(this.#take(4), true), max);
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  u64(): number {
    const low = this.#view.getUint32(this.#take(4), true);
    return this.#checked(
      low + this.#view.getUint32(this.#take(4), true) * 2 ** 32,
      Number.MAX_SAFE_INTEGER,
    );
  }

  mask(): MaskRef {
    const space = Array.from({ length: this.u8(8) }, () => ({
      rank: this.u32(),
      counter: this.u64(),
    }));
    const seq = this.u64();
    const length = this.u32();
    const rank = this.u8(8);
    const offset = this.u32();
    const shape: number[] = [];
    const strides: number[] = [];
    for (let axis = 0; axis < rank; axis++) {
      shape.push(this.u32());
      strides.push(this.i32());
    }
    this.#checkReach(shape, strides, offset, length);
    return { tag: { space, seq }, length, view: { shape, strides, offset } };
  }

  /** Ends the reading; spare bytes are an error. */
  end(): void {
    if (this.#at !== this.#view.byteLength) this.#fail('has spare bytes');
  }

  #checkReach(
    shape: readonly number[],
    strides: readonly number[],
    offset: number,
    length: number,
  ): void {
    let low = offset;
    let high = offset;
    let size = 1;
    shape.forEach((dim, axis) => {
      size *= dim;
      const reach = strides[axis] * (dim - 1);
      if (reach < 0) low += reach;
      else high += reach;
    });
    if (size > MAX_REQUEST_WORDS) this.#fail('is too large');
    if (size > 0 && (low < 0 || high >= length)) this.#fail('reads outside its mask');
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#view.byteLength) this.#fail('is truncated');
    this.#at += bytes;
    return at;
  }

  #checked(value: number, max: number): number {
    if (value > max) this.#fail('holds a size above the limit');
    return value;
  }

  #fail(why: string): never {
    throw new MpcError('ERR_MPC_ABORT', `material request ${why}`);
  }
}

/**
 * What a party holds of a secret tensor of bits: words whose XOR over the parties is the secret.
 *
 * A class of its own, so that no arithmetic step can take one for an additive share. A secret is a 64-bit two's complement word
 * per element; `bits` says how many low bits of it may be set: what a circuit opens, asks for and computes depends on that.
 * @module
 */

import { assert } from '../../core/errors.ts';
import { printAsString } from '../../core/inspect.ts';
import { showShape, type Shape } from '../../core/shape.ts';
import type { View } from '../../ring/view.ts';
import { Share } from '../share.ts';

/** Bits of a word. */
export const WORD_BITS = 64;

/** One party's XOR share of a secret tensor. Prints as its shape and width, never as values. */
export class BinaryShare implements View {
  static {
    printAsString(this.prototype);
  }

  /** Every party's words are 0 from this bit on; 1 to 64. */
  readonly bits: number;
  /** Every element is this public word: nothing to hide. */
  readonly constant: bigint | undefined;
  readonly #share: Share;

  /** `share` holds the words; its scale says how many of their bits are fractional. */
  constructor(share: Share, bits: number, constant?: bigint) {
    assert(bits >= 1 && bits <= WORD_BITS, 'a word has 1 to 64 bits');
    assert(share.fracBits === share.nominal, 'bits owe no truncation');
    this.#share = share;
    this.bits = bits;
    this.constant = constant;
  }

  /** The words as the share that holds them, for moving and opening them; for `protocol/` alone. */
  static inner(x: BinaryShare): Share {
    return x.#share;
  }

  get shape(): Shape {
    return this.#share.shape;
  }

  get strides(): readonly number[] {
    return this.#share.strides;
  }

  get offset(): number {
    return this.#share.offset;
  }

  get fracBits(): number {
    return this.#share.fracBits;
  }

  get depth(): number {
    return this.#share.depth;
  }

  get digest(): bigint {
    return this.#share.digest;
  }

  /** The same words under another view. */
  view(view: View): BinaryShare {
    return new BinaryShare(this.#share.view(view), this.bits, this.constant);
  }

  toString(): string {
    return `BinaryShare(${showShape(this.shape)}, ${this.bits} bits, HIDDEN)`;
  }

  toJSON(): string {
    return this.toString();
  }
}

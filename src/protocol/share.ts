/**
 * What a party holds of a secret tensor: ring words of its share, and the public facts about them.
 *
 * A `Storage` is immutable and holds the words, now or later; a `Share` is a strided view of one. Everything but the words is
 * public, equal at every party, and known when the operation is called. Masks and truncations are cached per storage: a
 * storage is one version of one secret, so neither is ever made twice (C8, H5).
 * @module
 */

import { assert } from '../core/errors.ts';
import { printAsString } from '../core/inspect.ts';
import { then, type Later } from '../core/later.ts';
import { sameShape, showShape, sizeOf, type Shape } from '../core/shape.ts';
import type { Arena, BlockWords, Words } from '../kernels/memory.ts';
import { flatWords, isWhole, staysInside, wholeView, type View } from '../ring/view.ts';
import { digestOf } from './digest.ts';
import type { MaskShare } from './provider/mask-share.ts';
import type { Tag } from './tag.ts';

/** Public facts of a storage. */
export interface StorageFacts {
  /** Number of words. */
  readonly length: number;
  /** Fractional bits of the words now. A product holds the sum of its factors' until it is truncated. */
  readonly fracBits: number;
  /** Fractional bits the tensor has once truncated; `fracBits > nominal` means a truncation is owed. */
  readonly nominal: number;
  /**
   * |x| ≤ 2^bound (in units of 1, not ulp) where the program proves it; undefined: only the ring bounds it. Not <: a truncation may
   * round the largest value up to the bound itself.
   */
  readonly bound?: number | undefined;
  /** Every element is this public number: nothing to hide, and products with it are local. */
  readonly constant?: number | undefined;
  /** Length of the longest chain of dependent openings behind the words. */
  readonly depth: number;
  readonly digest: bigint;
}

/** A mask that was opened once for a range of a storage (C8); a is this party's share of it, delta = x − a is public. */
export interface Mask {
  readonly tag: Tag;
  /** First word of the storage that the mask covers, and how many. */
  readonly start: number;
  readonly length: number;
  readonly depth: number;
  readonly digest: bigint;
  /** This party's share of it. */
  readonly share: MaskShare;
  /** The secret less the mask, once opened. */
  readonly delta: Later<Words | BlockWords>;
}

/** Words of one version of one secret, at one party. */
export class Storage implements StorageFacts {
  readonly length: number;
  readonly fracBits: number;
  readonly nominal: number;
  readonly bound: number | undefined;
  readonly constant: number | undefined;
  readonly depth: number;
  readonly digest: bigint;
  /** Masks opened so far. */
  readonly masks: Mask[] = [];
  /** This storage truncated to its nominal scale, and where in the program that was done. */
  readonly settled: { readonly tag: Tag; readonly storage: Storage }[] = [];
  readonly #words: Later<Words>;

  constructor(facts: StorageFacts, words: Later<Words>) {
    this.length = facts.length;
    this.fracBits = facts.fracBits;
    this.nominal = facts.nominal;
    this.bound = facts.bound;
    this.constant = facts.constant;
    this.depth = facts.depth;
    this.digest = facts.digest;
    this.#words = words;
  }

  /** The secret words themselves; for `protocol/` alone. */
  static words(storage: Storage): Later<Words> {
    return storage.#words;
  }
}

/** A strided view of a storage: one party's share of a secret tensor. Prints as its shape and scale, never as values. */
export class Share implements View {
  static {
    printAsString(this.prototype);
  }

  readonly storage: Storage;
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
  readonly digest: bigint;

  constructor(storage: Storage, view?: View) {
    const whole = view ?? wholeView([storage.length]);
    assert(staysInside(whole, storage.length), 'a view reads outside its storage');
    this.storage = storage;
    this.shape = whole.shape;
    this.strides = whole.strides;
    this.offset = whole.offset;
    const same = view === undefined || (view.shape.length === 1 && isWhole(view, storage.length));
    this.digest = same
      ? storage.digest
      : digestOf(`view ${showShape(view.shape)} ${view.strides.join()} ${view.offset}`, [
          storage.digest,
        ]);
  }

  /** A share over a fresh contiguous storage. */
  static fresh(shape: Shape, facts: Omit<StorageFacts, 'length'>, words: Later<Words>): Share {
    const storage = new Storage({ ...facts, length: sizeOf(shape) }, words);
    return new Share(storage, wholeView(shape));
  }

  get fracBits(): number {
    return this.storage.fracBits;
  }

  get nominal(): number {
    return this.storage.nominal;
  }

  get bound(): number | undefined {
    return this.storage.bound;
  }

  get depth(): number {
    return this.storage.depth;
  }

  /** The same words under another view. */
  view(view: View): Share {
    const same = sameShape(view.shape, this.shape) && view.offset === this.offset;
    if (same && view.strides.every((stride, axis) => stride === this.strides[axis])) return this;
    return new Share(this.storage, view);
  }

  toString(): string {
    return `Share(${showShape(this.shape)}, ${this.fracBits} fractional bits, HIDDEN)`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/**
 * The share's words in row-major order: the storage's own array, or a part of it, where the view
 * allows it, else a copy. Not to be written to.
 */
export function contiguousWords(arena: Arena, share: Share): Later<Words> {
  return then(Storage.words(share.storage), (words) => flatWords(arena, words, share));
}

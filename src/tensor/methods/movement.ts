/**
 * Movement: other shapes and views of the same elements. See functions/movement.ts, rearrange.ts and padding.ts.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import * as ops from '../../functions/index.ts';
import { apply, listOf, mixed, operand, type Sizes, type TensorLike } from '../apply.ts';
import type { CrypTensor } from '../tensor.ts';

/** What a margin is filled with. */
export interface PadOptions {
  /** Only `constant`, which is what is meant if nothing is said. */
  readonly mode?: 'constant';
  /** A number or a secret of one element; 0 unless said. */
  readonly value?: TensorLike;
}

/** Methods of a tensor. */
export interface MovementMethods {
  /** The transpose of a matrix. */
  t(): CrypTensor;
  /** Two dims swapped. */
  transpose(dim0: number, dim1: number): CrypTensor;
  /** Dims in another order. */
  permute(...dims: Sizes): CrypTensor;
  /** Another shape of the same size; one size may be −1. */
  reshape(...sizes: Sizes): CrypTensor;
  /** As `reshape`; a tensor that no view can show so is copied. */
  view(...sizes: Sizes): CrypTensor;
  /** Dims `start` to `end` merged. */
  flatten(start?: number, end?: number): CrypTensor;
  /** Dims of size 1 dropped: all, or those named. */
  squeeze(dim?: number | readonly number[]): CrypTensor;
  /** A dim of size 1 put in. */
  unsqueeze(dim: number): CrypTensor;
  /** Dims of size 1 repeated; −1 keeps a size. */
  expand(...sizes: Sizes): CrypTensor;
  /** `length` positions of a dim from `start`. */
  narrow(dim: number, start: number, length: number): CrypTensor;
  /** Dims read backwards. */
  flip(dims: number | readonly number[]): CrypTensor;
  /** Elements moved along dims, around the end; without dims along the flattened tensor. */
  roll(shifts: number | readonly number[], dims?: number | readonly number[]): CrypTensor;
  /** A margin: [left, right, top, bottom, …] from the last dim backward; negative sizes crop. */
  pad(padding: readonly number[], options?: PadOptions): CrypTensor;
  /** Windows of `size` positions along a dim, `step` apart, as a new last dim. */
  unfold(dim: number, size: number, step: number): CrypTensor;
  /** Repeated along its dims, and along new leading ones. */
  repeat(...counts: Sizes): CrypTensor;
  /** As `repeat`, with 1 for the leading dims that get no count. */
  tile(...counts: Sizes): CrypTensor;
  /** A new handle on the same secret, recorded on the tape. */
  clone(): CrypTensor;
}

/** What they do. */
export const movementMethods: MovementMethods & ThisType<CrypTensor> = {
  t() {
    return apply(ops.tOp, [this]);
  },
  transpose(dim0, dim1) {
    return apply(ops.transposeOp, [this], [dim0, dim1]);
  },
  permute(...dims) {
    return apply(ops.permuteOp, [this], listOf(dims));
  },
  reshape(...sizes) {
    return apply(ops.reshapeOp, [this], listOf(sizes));
  },
  view(...sizes) {
    return apply(ops.reshapeOp, [this], listOf(sizes));
  },
  flatten(start = 0, end = -1) {
    return apply(ops.flattenOp, [this], [start, end]);
  },
  squeeze(dim) {
    return apply(ops.squeezeOp, [this], dim);
  },
  unsqueeze(dim) {
    return apply(ops.unsqueezeOp, [this], dim);
  },
  expand(...sizes) {
    return apply(ops.expandOp, [this], listOf(sizes));
  },
  narrow(dim, start, length) {
    return apply(ops.narrowOp, [this], [dim, start, length]);
  },
  flip(dims) {
    return apply(ops.flipOp, [this], dims);
  },
  roll(shifts, dims) {
    const list = (some: number | readonly number[]): readonly number[] =>
      typeof some === 'number' ? [some] : some;
    return apply(ops.rollOp, [this], {
      shifts: list(shifts),
      dims: dims === undefined ? undefined : list(dims),
    });
  },
  pad(padding, { mode = 'constant', value = 0 } = {}) {
    if (mode !== 'constant') {
      throw new MpcError('ERR_MPC_UNSUPPORTED', `pad: mode ${mode} is not supported; use constant`);
    }
    return mixed(ops.padOp, [this, operand('pad', value)], padding);
  },
  unfold(dim, size, step) {
    return apply(ops.unfoldOp, [this], [dim, size, step]);
  },
  repeat(...counts) {
    return apply(ops.repeatOp, [this], listOf(counts));
  },
  tile(...counts) {
    const list = listOf(counts);
    const missing = Math.max(0, this.dim() - list.length);
    return this.repeat([...Array<number>(missing).fill(1), ...list]);
  },
  clone() {
    return apply(ops.cloneOp, [this]);
  },
};

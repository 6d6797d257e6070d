/**
 * Reading and writing at public positions. See functions/indexing.ts and functions/writing.ts.
 * @module
 */

import * as ops from '../../functions/index.ts';
import { apply, mixed, operand, type TensorLike } from '../apply.ts';
import { toPlain, type NumberArray, type PublicTensor, type ShapedData } from '../operand.ts';
import type { Tensor } from '../plain.ts';
import type { CrypTensor } from '../tensor.ts';

/** An entry of an index: a position, a slice, a new dim, all that is left, or a list of positions. */
export type Entry = ops.IndexEntry | NumberArray | ShapedData | Tensor;

/** Methods of a tensor. */
export interface IndexingMethods {
  /**
   * Elements and slices: `x.index(0, [1, 4], [], null)` is Python's `x[0, 1:4, :, None]`; a `Tensor` or a typed array lists positions:
   * `x.index('...', Int32Array.of(2, 0))` is `x[..., [2, 0]]`.
   */
  index(...entries: readonly Entry[]): CrypTensor;
  /** This with values where index entries point; `x.setIndex_([0, [1, 4]], v)` is Python's `x[0, 1:4] = v`. */
  setIndex(entries: readonly Entry[], values: TensorLike): CrypTensor;
  /** For each entry of an index the element at that position of a dim. */
  gather(dim: number, index: PublicTensor): CrypTensor;
  /** This with `src`, or one number, written where `gather` would read. */
  scatter(dim: number, index: PublicTensor, src: TensorLike): CrypTensor;
  /** This with `src` added where `gather` would read. */
  scatterAdd(dim: number, index: PublicTensor, src: TensorLike): CrypTensor;
  /** The positions of a dim that an index lists. */
  indexSelect(dim: number, index: PublicTensor): CrypTensor;
  /** This with the slices of `src` added at the positions of a dim that an index lists. */
  indexAdd(dim: number, index: PublicTensor, src: TensorLike): CrypTensor;
  /** Elements of the flattened tensor; along a dim, its positions in the shape of the index. */
  take(index: PublicTensor, dim?: number): CrypTensor;
}

/** What they do. */
export const indexingMethods: IndexingMethods & ThisType<CrypTensor> = {
  index(...entries) {
    return apply(ops.indexOp, [this], listed('index', entries));
  },
  setIndex(entries, values) {
    const where = listed('setIndex', entries);
    return mixed(ops.setIndexOp, [this, operand('setIndex', values)], where);
  },
  gather(dim, index) {
    return apply(ops.gatherOp, [this], { dim, index: toPlain('gather', index) });
  },
  scatter(dim, index, src) {
    const opts = { dim, index: toPlain('scatter', index) };
    return mixed(ops.scatterOp, [this, operand('scatter', src)], opts);
  },
  scatterAdd(dim, index, src) {
    const opts = { dim, index: toPlain('scatterAdd', index) };
    return mixed(ops.scatterAddOp, [this, operand('scatterAdd', src)], opts);
  },
  indexSelect(dim, index) {
    return apply(ops.indexSelectOp, [this], { dim, index: toPlain('indexSelect', index) });
  },
  indexAdd(dim, index, src) {
    const opts = { dim, index: toPlain('indexAdd', index) };
    return mixed(ops.indexAddOp, [this, operand('indexAdd', src)], opts);
  },
  take(index, dim) {
    return apply(ops.takeOp, [this], { dim, index: toPlain('take', index) });
  },
};

function listed(op: string, entries: readonly Entry[]): readonly ops.ListedEntry[] {
  return entries.map((entry) => (isList(entry) ? toPlain(op, entry) : entry));
}

function isList(entry: Entry): entry is NumberArray | ShapedData | Tensor {
  return typeof entry === 'object' && entry !== null && !Array.isArray(entry);
}

/**
 * Maxima and minima, sorting, and where the values were. See functions/maximum.ts and functions/sort.ts.
 * @module
 */

import * as ops from '../../functions/index.ts';
import { apply } from '../apply.ts';
import { search, type ValuesAndIndices } from '../found.ts';
import type { CrypTensor } from '../tensor.ts';

/** How a maximum is searched for. */
export interface MaxMethodOptions {
  /** One of CrypTen's methods: same values, other rounds and bytes. */
  readonly method?: ops.MaxMethod;
}

/** How a maximum along a dim is returned. */
export interface ArgmaxMethodOptions extends MaxMethodOptions {
  /** The dim stays, with size 1. */
  readonly keepdim?: boolean;
  /** false: positions instead of a 0/1 tensor with exactly one 1 in every row. */
  readonly oneHot?: boolean;
}

/** Methods of a tensor that give one. */
export interface ArgmaxMethods {
  /** Where the largest element is, along a dim or of all: a 0/1 tensor of this shape, or positions. */
  argmax(dim?: number, options?: ArgmaxMethodOptions): CrypTensor;
  /** Where the smallest element is; see `argmax`. */
  argmin(dim?: number, options?: ArgmaxMethodOptions): CrypTensor;
}

/** Methods of a tensor that give values, and where they were. */
export interface OrderMethods {
  /** The largest element of all. */
  max(): CrypTensor;
  /** The largest elements along a dim, and where they are: a 0/1 tensor of this shape, or positions. */
  max(dim: number, options?: ArgmaxMethodOptions): ValuesAndIndices;
  max(dim: undefined, options: MaxMethodOptions): CrypTensor;
  /** The smallest element of all. */
  min(): CrypTensor;
  /** The smallest elements along a dim, and where they are; see `max`. */
  min(dim: number, options?: ArgmaxMethodOptions): ValuesAndIndices;
  min(dim: undefined, options: MaxMethodOptions): CrypTensor;
  /** The elements along a dim (the last) in order, smallest first unless `descending`, and the positions they had. */
  sort(
    dim?: number,
    options?: { readonly descending?: boolean; readonly stable?: boolean },
  ): ValuesAndIndices;
  /** The k largest elements along a dim (the last), largest first, or the k smallest; and the positions they had. */
  topk(k: number, dim?: number, options?: { readonly largest?: boolean }): ValuesAndIndices;
}

/** What they do. */
export const argmaxMethods: ArgmaxMethods & ThisType<CrypTensor> = {
  argmax(dim, options = {}) {
    return apply(ops.argmaxOp, [this], { dim, ...options });
  },
  argmin(dim, options = {}) {
    return apply(ops.argminOp, [this], { dim, ...options });
  },
};

/** What they do. */
export const orderMethods: OrderMethods & ThisType<CrypTensor> = {
  max(dim?: number, options: ArgmaxMethodOptions = {}) {
    return extreme(ops.maxOp, this, dim, options);
  },
  min(dim?: number, options: ArgmaxMethodOptions = {}) {
    return extreme(ops.minOp, this, dim, options);
  },
  sort(dim = -1, options = {}) {
    return search(ops.sortOp, this, { dim, ...options }, ops.sortedOrder);
  },
  topk(k, dim = -1, options = {}) {
    return search(ops.topkOp, this, { k, dim, ...options }, ops.sortedOrder);
  },
};

function extreme(
  op: typeof ops.maxOp,
  x: CrypTensor,
  dim: number | undefined,
  { oneHot, ...options }: ArgmaxMethodOptions,
): never {
  const found = search(op, x, { dim, ...options }, (ctx, saved) =>
    ops.placesOf(ctx, saved, oneHot),
  );
  // The overloads say which of the two it is; TypeScript cannot follow.
  return (dim === undefined ? found.values : found) as never;
}

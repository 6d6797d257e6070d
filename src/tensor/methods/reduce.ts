/**
 * Reductions. See functions/reduce.ts, variance.ts, products.ts and cumulative.ts.
 * @module
 */

import * as ops from '../../functions/index.ts';
import { apply } from '../apply.ts';
import type { CrypTensor } from '../tensor.ts';

/** Whether reduced dims stay, with size 1. */
export interface KeepDim {
  readonly keepdim?: boolean;
}

/** Methods of a tensor. */
export interface ReduceMethods {
  /** Sum over all dims, or those named. */
  sum(dim?: number | readonly number[], options?: KeepDim): CrypTensor;
  /** Mean over all dims, or those named. */
  mean(dim?: number | readonly number[], options?: KeepDim): CrypTensor;
  /** Variance over all dims, or those named; divided by n − 1 unless `unbiased` is false. */
  var(
    dim?: number | readonly number[],
    options?: KeepDim & { readonly unbiased?: boolean },
  ): CrypTensor;
  /** Product over all elements, or along one dim. */
  prod(dim?: number, options?: KeepDim): CrypTensor;
  /** Sums from the start of a dim up to each position. */
  cumsum(dim: number): CrypTensor;
  /** The sum of a matrix's diagonal. */
  trace(): CrypTensor;
}

/** What they do. */
export const reduceMethods: ReduceMethods & ThisType<CrypTensor> = {
  sum(dim, options = {}) {
    return apply(ops.sumOp, [this], { dim, ...options });
  },
  mean(dim, options = {}) {
    return apply(ops.meanOp, [this], { dim, ...options });
  },
  var(dim, options = {}) {
    return apply(ops.varianceOp, [this], { dim, ...options });
  },
  prod(dim, options = {}) {
    return apply(ops.prodOp, [this], { dim, ...options });
  },
  cumsum(dim) {
    return apply(ops.cumsumOp, [this], dim);
  },
  trace() {
    return apply(ops.traceOp, [this]);
  },
};

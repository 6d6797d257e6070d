/**
 * Normalisation along dims. See functions/softmax.ts and functions/layer-norm.ts.
 * @module
 */

import * as ops from '../../functions/index.ts';
import { sizeOf } from '../../core/shape.ts';
import { apply, mixed, operand, type TensorLike } from '../apply.ts';
import type { CrypTensor } from '../tensor.ts';

/** What `layerNorm` multiplies and adds after normalising, of the normalised shape; and what keeps the variance away from 0. */
export interface LayerNormMethodOptions {
  readonly weight?: TensorLike | undefined;
  readonly bias?: TensorLike | undefined;
  readonly eps?: number | undefined;
}

/** Methods of a tensor. */
export interface NormalizationMethods {
  /** Exponentials over their sum along a dim. */
  softmax(dim: number): CrypTensor;
  /** Logarithm of `softmax`. */
  logSoftmax(dim: number): CrypTensor;
  /** Mean 0 and variance 1 over the last dims. */
  layerNorm(normalizedShape: readonly number[], options?: LayerNormMethodOptions): CrypTensor;
}

/** What they do. */
export const normalizationMethods: NormalizationMethods & ThisType<CrypTensor> = {
  softmax(dim) {
    return apply(ops.softmaxOp, [this], dim);
  },
  logSoftmax(dim) {
    return apply(ops.logSoftmaxOp, [this], dim);
  },
  layerNorm(normalizedShape, { weight, bias, eps } = {}) {
    const ones = {
      shape: normalizedShape,
      data: new Float64Array(sizeOf(normalizedShape)).fill(1),
    };
    const affine = [weight ?? (bias === undefined ? undefined : ones), bias]
      .filter((one) => one !== undefined)
      .map((one) => operand('layerNorm', one));
    return mixed(ops.layerNormOp, [this, ...affine], { normalizedShape, eps });
  },
};

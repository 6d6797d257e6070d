/**
 * Max pools and adaptive pools. See functions/max-pool.ts and functions/adaptive-pool.ts.
 * @module
 */

import * as ops from '../../functions/index.ts';
import type { Share } from '../../protocol/share.ts';
import { apply } from '../apply.ts';
import { search, type ValuesAndIndices } from '../found.ts';
import type { CrypTensor } from '../tensor.ts';

/** What else a max pool returns. */
export interface PoolIndices {
  /** true: values and where they were. */
  readonly returnIndices?: boolean;
  /** false: positions in the plane, as PyTorch's, instead of a 0/1 tensor of the result's shape and the window's. */
  readonly oneHot?: boolean;
}

/** With values and where they were. */
export type WithIndices = PoolIndices & { readonly returnIndices: true };

/** Methods of a tensor that give one. */
export interface AdaptivePoolMethods {
  /** Means of so many windows along the last dim. */
  adaptiveAvgPool1d(outputSize: ops.OutputSizes): CrypTensor;
  /** Means of so many windows over the last two dims. */
  adaptiveAvgPool2d(outputSize: ops.OutputSizes): CrypTensor;
}

/** Methods of a tensor that give values, and where they were if asked. */
export interface MaxPoolMethods {
  /** Largest elements of windows along the last dim. */
  maxPool1d(
    kernelSize: ops.SpatialSizes,
    options: ops.MaxPoolOptions & WithIndices,
  ): ValuesAndIndices;
  maxPool1d(
    kernelSize: ops.SpatialSizes,
    options?: ops.MaxPoolOptions & { readonly returnIndices?: false },
  ): CrypTensor;
  /** Largest elements of windows over the last two dims. */
  maxPool2d(
    kernelSize: ops.SpatialSizes,
    options: ops.MaxPoolOptions & WithIndices,
  ): ValuesAndIndices;
  maxPool2d(
    kernelSize: ops.SpatialSizes,
    options?: ops.MaxPoolOptions & { readonly returnIndices?: false },
  ): CrypTensor;
  /** Largest elements of so many windows along the last dim. */
  adaptiveMaxPool1d(outputSize: ops.OutputSizes, options: WithIndices): ValuesAndIndices;
  adaptiveMaxPool1d(outputSize: ops.OutputSizes): CrypTensor;
  /** Largest elements of so many windows over the last two dims. */
  adaptiveMaxPool2d(outputSize: ops.OutputSizes, options: WithIndices): ValuesAndIndices;
  adaptiveMaxPool2d(outputSize: ops.OutputSizes): CrypTensor;
}

/** What they do. */
export const adaptivePoolMethods: AdaptivePoolMethods & ThisType<CrypTensor> = {
  adaptiveAvgPool1d(outputSize) {
    return apply(ops.adaptiveAvgPool1dOp, [this], outputSize);
  },
  adaptiveAvgPool2d(outputSize) {
    return apply(ops.adaptiveAvgPool2dOp, [this], outputSize);
  },
};

/** What they do. */
export const maxPoolMethods: MaxPoolMethods & ThisType<CrypTensor> = {
  maxPool1d(kernelSize, options: ops.MaxPoolOptions & PoolIndices = {}) {
    return pooled(ops.maxPool1dOp, this, [kernelSize, options], options);
  },
  maxPool2d(kernelSize, options: ops.MaxPoolOptions & PoolIndices = {}) {
    return pooled(ops.maxPool2dOp, this, [kernelSize, options], options);
  },
  adaptiveMaxPool1d(outputSize, options: PoolIndices = {}) {
    return pooled(ops.adaptiveMaxPool1dOp, this, outputSize, options);
  },
  adaptiveMaxPool2d(outputSize, options: PoolIndices = {}) {
    return pooled(ops.adaptiveMaxPool2dOp, this, outputSize, options);
  },
};

function pooled<Opts>(
  op: ops.OpRecord<Share, Opts, ops.Pooled>,
  x: CrypTensor,
  opts: Opts,
  { returnIndices = false, oneHot = true }: PoolIndices,
): never {
  const locate = oneHot ? ops.pooledOneHot : ops.pooledPositions;
  const found = search(op, x, opts, locate);
  // The overloads say which of the two it is; TypeScript cannot follow.
  return (returnIndices ? found : found.values) as never;
}

/**
 * Convolutions and average pools. See functions/conv.ts and functions/pooling.ts.
 * @module
 */

import * as ops from '../../functions/index.ts';
import { apply, mixed, operand, type TensorLike } from '../apply.ts';
import type { CrypTensor } from '../tensor.ts';

/** Options of a convolution, and a bias for each channel of its result. */
export type WithBias<Options> = Options & { readonly bias?: TensorLike | undefined };

/** Methods of a tensor. */
export interface ConvolutionMethods {
  /** Convolution with a kernel [F,C/groups,k]. */
  conv1d(kernel: TensorLike, options?: WithBias<ops.ConvOptions>): CrypTensor;
  /** Convolution with a kernel [F,C/groups,h,w]. */
  conv2d(kernel: TensorLike, options?: WithBias<ops.ConvOptions>): CrypTensor;
  /** Transposed convolution with a kernel [C,F/groups,k]. */
  convTranspose1d(kernel: TensorLike, options?: WithBias<ops.ConvTransposeOptions>): CrypTensor;
  /** Transposed convolution with a kernel [C,F/groups,h,w]. */
  convTranspose2d(kernel: TensorLike, options?: WithBias<ops.ConvTransposeOptions>): CrypTensor;
  /** `conv1d` of y with this as the kernel. */
  rconv1d(y: TensorLike, options?: WithBias<ops.ConvOptions>): CrypTensor;
  /** `conv2d` of y with this as the kernel. */
  rconv2d(y: TensorLike, options?: WithBias<ops.ConvOptions>): CrypTensor;
  /** Means of windows along the last dim. */
  avgPool1d(kernelSize: ops.SpatialSizes, options?: ops.AvgPoolOptions): CrypTensor;
  /** Means of windows over the last two dims. */
  avgPool2d(kernelSize: ops.SpatialSizes, options?: ops.AvgPoolOptions): CrypTensor;
}

/** What they do. */
export const convolutionMethods: ConvolutionMethods & ThisType<CrypTensor> = {
  conv1d(kernel, options = {}) {
    return convolve(ops.conv1dOp, this, kernel, options);
  },
  conv2d(kernel, options = {}) {
    return convolve(ops.conv2dOp, this, kernel, options);
  },
  convTranspose1d(kernel, options = {}) {
    return convolve(ops.convTranspose1dOp, this, kernel, options);
  },
  convTranspose2d(kernel, options = {}) {
    return convolve(ops.convTranspose2dOp, this, kernel, options);
  },
  rconv1d(y, options = {}) {
    return convolve(ops.conv1dOp, y, this, options);
  },
  rconv2d(y, options = {}) {
    return convolve(ops.conv2dOp, y, this, options);
  },
  avgPool1d(kernelSize, options = {}) {
    return apply(ops.avgPool1dOp, [this], [kernelSize, options]);
  },
  avgPool2d(kernelSize, options = {}) {
    return apply(ops.avgPool2dOp, [this], [kernelSize, options]);
  },
};

function convolve<Saved>(
  op: ops.OpRecord<ops.Operand, ops.ConvTransposeOptions, Saved>,
  x: TensorLike,
  kernel: TensorLike,
  options: WithBias<ops.ConvTransposeOptions>,
): CrypTensor {
  const given = options.bias === undefined ? [x, kernel] : [x, kernel, options.bias];
  const operands = given.map((value) => operand(op.name, value));
  return mixed(op, operands, options);
}

/**
 * Convolutions and transposed convolutions over one or two spatial dims, as PyTorch's; image, kernel and bias may be public.
 *
 * A transposed convolution is the adjoint of a convolution: the forward of one is the backward of the other, and both are the three
 * products of correlate.ts.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { sameShape, showShape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import type { Share } from '../protocol/share.ts';
import { add } from './arithmetic.ts';
import { correlate, kernelOf, padImage, openedBeside, spread } from './correlate.ts';
import { reshape, squeeze, unsqueeze } from './movement.ts';
import { isShare, type Forward, type Gradients, type Operand, type OpRecord } from './op.ts';
import { sum } from './reduce.ts';
import {
  convolution,
  transposed,
  type ConvOptions,
  type ConvTransposeOptions,
} from './conv-sizes.ts';
import type { Convolution } from './windows.ts';

/**
 * Convolution over one spatial dim, as PyTorch's.
 *
 * Shape, Scale, Cost, Error, Leaks   as `conv2d`, without the second spatial dim.
 *
 * @throws {MpcError} as `conv2d`.
 */
export function conv1d(
  ctx: Context,
  x: Operand,
  w: Operand,
  bias: Operand | null = null,
  opts: ConvOptions = {},
): Share {
  return convolve(ctx, 'conv1d', 1, given(x, w, bias), opts).output;
}

/**
 * Convolution over two spatial dims, as PyTorch's: windows are not flipped.
 *
 * Shape   x: [N,C,H,W] or [C,H,W]; w: [F,C/groups,h,w]; bias: [F]; result: [N,F,H',W'], H' = ⌊(H + 2·padding − dilation·(h−1) − 1)/stride⌋ + 1.
 * Scale   the sum of the scales until settled.
 * Cost    two secrets: 1 round, 8 B for each word of the padded image and of the kernel that has no mask yet; a public side: nothing.
 * Error   {0, +1} ulp once settled, whatever the kernel's size: the sum is truncated, not its terms.
 * Leaks   nothing.
 * Paper   SecureML, S&P 2017, §4.1.
 *
 * @throws {TypeError} for options that are no whole numbers.
 * @throws {MpcError} ERR_MPC_SHAPE when sizes do not fit, ERR_MPC_RANGE for an option or a public value outside its range.
 */
export function conv2d(
  ctx: Context,
  x: Operand,
  w: Operand,
  bias: Operand | null = null,
  opts: ConvOptions = {},
): Share {
  return convolve(ctx, 'conv2d', 2, given(x, w, bias), opts).output;
}

/**
 * Transposed convolution over one spatial dim, as PyTorch's.
 *
 * Shape, Scale, Cost, Error, Leaks   as `convTranspose2d`, without the second spatial dim.
 *
 * @throws {MpcError} as `convTranspose2d`.
 */
export function convTranspose1d(
  ctx: Context,
  x: Operand,
  w: Operand,
  bias: Operand | null = null,
  opts: ConvTransposeOptions = {},
): Share {
  return convolveTransposed(ctx, 'convTranspose1d', 1, given(x, w, bias), opts).output;
}

/**
 * Transposed convolution over two spatial dims: the adjoint of `conv2d` with the same kernel and options, as PyTorch's.
 *
 * Shape   x: [N,F,H,W] or [F,H,W]; w: [F,C/groups,h,w]; bias: [C]; result: [N,C,H',W'], H' = (H − 1)·stride − 2·padding + dilation·(h−1) + outputPadding + 1.
 * Scale   the sum of the scales until settled.
 * Cost    two secrets: 1 round, 8 B for each word that has no mask yet; a public side: nothing.
 * Error   {0, +1} ulp once settled: the sum is truncated, not its terms.
 * Leaks   nothing.
 * Paper   SecureML, S&P 2017, §4.1.
 *
 * @throws {TypeError} for options that are no whole numbers.
 * @throws {MpcError} ERR_MPC_SHAPE when sizes do not fit, ERR_MPC_RANGE for an option or a public value outside its range.
 */
export function convTranspose2d(
  ctx: Context,
  x: Operand,
  w: Operand,
  bias: Operand | null = null,
  opts: ConvTransposeOptions = {},
): Share {
  return convolveTransposed(ctx, 'convTranspose2d', 2, given(x, w, bias), opts).output;
}

interface ConvSaved {
  readonly c: Convolution;
  /** The padded image, or the input of a transposed convolution. */
  readonly x: Operand;
  readonly w: Operand;
}

/** The record of `conv1d`. */
export const conv1dOp: OpRecord<Operand, ConvOptions, ConvSaved> = {
  name: 'conv1d',
  forward: (ctx, inputs, opts) => convolve(ctx, 'conv1d', 1, inputs, opts),
  backward: convolveBackward,
};

/** The record of `conv2d`. */
export const conv2dOp: OpRecord<Operand, ConvOptions, ConvSaved> = {
  name: 'conv2d',
  forward: (ctx, inputs, opts) => convolve(ctx, 'conv2d', 2, inputs, opts),
  backward: convolveBackward,
};

/** The record of `convTranspose1d`. */
export const convTranspose1dOp: OpRecord<Operand, ConvTransposeOptions, ConvSaved> = {
  name: 'convTranspose1d',
  forward: (ctx, inputs, opts) => convolveTransposed(ctx, 'convTranspose1d', 1, inputs, opts),
  backward: transposedBackward,
};

/** The record of `convTranspose2d`. */
export const convTranspose2dOp: OpRecord<Operand, ConvTransposeOptions, ConvSaved> = {
  name: 'convTranspose2d',
  forward: (ctx, inputs, opts) => convolveTransposed(ctx, 'convTranspose2d', 2, inputs, opts),
  backward: transposedBackward,
};

function convolve(
  ctx: Context,
  op: string,
  dims: number,
  [x, w, bias]: readonly Operand[],
  opts: ConvOptions,
): Forward<ConvSaved> {
  const c = convolution(op, dims, x.shape, w.shape, opts);
  checkBias(c, bias, c.weight[0]);
  const image = padImage(ctx, openedBeside(batched(x, c), w), c);
  const output = withBias(ctx, correlate(ctx, c, image, w), bias, c);
  return { output, saved: { c, x: image, w } };
}

function convolveBackward(
  ctx: Context,
  { c, x, w }: ConvSaved,
  gradient: Share,
  needs: readonly boolean[],
): Gradients {
  const dy = batched(gradient, c);
  const [dx, dw] = [
    needs[0] ? unbatched(spread(ctx, c, dy, w), c) : null,
    needs[1] ? kernelOf(ctx, c, x, dy) : null,
  ];
  return needs.length < 3 ? [dx, dw] : [dx, dw, needs[2] ? biasGradient(ctx, dy) : null];
}

function convolveTransposed(
  ctx: Context,
  op: string,
  dims: number,
  [x, w, bias]: readonly Operand[],
  opts: ConvTransposeOptions,
): Forward<ConvSaved> {
  const c = transposed(op, dims, x.shape, w.shape, opts);
  checkBias(c, bias, c.image[1]);
  const input = batched(x, c);
  const output = withBias(ctx, spread(ctx, c, input, w), bias, c);
  return { output, saved: { c, x: input, w } };
}

function transposedBackward(
  ctx: Context,
  { c, x, w }: ConvSaved,
  gradient: Share,
  needs: readonly boolean[],
): Gradients {
  const dy = batched(gradient, c);
  const image = needs[0] || needs[1] ? padImage(ctx, openedBeside(dy, x, w), c) : dy;
  const [dx, dw] = [
    needs[0] ? unbatched(correlate(ctx, c, image, w), c) : null,
    needs[1] ? kernelOf(ctx, c, image, x) : null,
  ];
  return needs.length < 3 ? [dx, dw] : [dx, dw, needs[2] ? biasGradient(ctx, dy) : null];
}

function given(x: Operand, w: Operand, bias: Operand | null): readonly Operand[] {
  return bias === null ? [x, w] : [x, w, bias];
}

function checkBias({ op, weight }: Convolution, bias: Operand | undefined, size: number): void {
  if (bias === undefined || sameShape(bias.shape, [size])) return;
  throw new MpcError(
    'ERR_MPC_SHAPE',
    `${op}: bias ${showShape(bias.shape)} does not fit kernel ${showShape(weight)}; it must be [${size}]`,
  );
}

/** The result, with a bias for each channel, without a batch dim where the input had none. */
function withBias(ctx: Context, y: Share, bias: Operand | undefined, c: Convolution): Share {
  if (bias === undefined) return unbatched(y, c);
  const shape = [...bias.shape, ...c.kernel.map(() => 1)];
  const wide = isShare(bias) ? reshape(ctx, bias, shape) : { shape, data: bias.data };
  return unbatched(add(ctx, y, wide), c);
}

function biasGradient(ctx: Context, dy: Share): Share {
  return sum(ctx, dy, { dim: [...dy.shape.keys()].filter((axis) => axis !== 1) });
}

function batched(x: Share, c: Convolution): Share;
function batched(x: Operand, c: Convolution): Operand;
function batched(x: Operand, c: Convolution): Operand {
  if (!c.single) return x;
  return isShare(x) ? unsqueeze(x, 0) : { shape: [1, ...x.shape], data: x.data };
}

function unbatched(x: Share, c: Convolution): Share {
  return c.single ? squeeze(x, 0) : x;
}

/**
 * Average pooling: sums over windows, which are strided views, times a public factor.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { contiguousStrides, sameShape, showShape, sizeOf, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { foldA, placeA, prompt } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import { wholeView } from '../ring/view.ts';
import { squeeze, unsqueeze } from './movement.ts';
import type { Forward, Gradients, OpRecord, Plain } from './op.ts';
import { mulPublic, scale, scaleFinely } from './public.ts';
import { sum } from './reduce.ts';
import { spatial, type SpatialSizes } from './conv-sizes.ts';
import { insideView, sharedAxes, windowsView, type Windows } from './windows.ts';

/** How windows lie and what a sum is divided by. */
export interface AvgPoolOptions {
  /** The kernel's size unless said. */
  readonly stride?: SpatialSizes | undefined;
  /** Zeros put around the image, at most half the kernel; 0 unless said. */
  readonly padding?: SpatialSizes | undefined;
  /** A last window that begins inside and ends outside counts. */
  readonly ceilMode?: boolean | undefined;
  /** false: divide by the number of places that are no padding. */
  readonly countIncludePad?: boolean | undefined;
  /** Divide by this instead of the number of places. */
  readonly divisorOverride?: number | undefined;
}

/** Size of the windows, and the rest. */
export type AvgPool = readonly [kernelSize: SpatialSizes, options: AvgPoolOptions];

/**
 * Means of windows along one spatial dim, as PyTorch's.
 *
 * Shape   x: [N,C,L] or [C,L]; result: [N,C,L'].
 * Cost    0 rounds, 0 bytes; owes one truncation.
 * Leaks   nothing.
 *
 * @throws {MpcError} as `avgPool2d`.
 */
export function avgPool1d(
  ctx: Context,
  x: Share,
  kernelSize: SpatialSizes,
  opts: AvgPoolOptions = {},
): Share {
  return pool(ctx, 'avgPool1d', 1, x, [kernelSize, opts]).output;
}

/**
 * Means of windows over two spatial dims, as PyTorch's.
 *
 * Shape   x: [N,C,H,W] or [C,H,W]; result: [N,C,H',W'], H' = ⌊(H + 2·padding − h)/stride⌋ + 1, or ⌈…⌉ + 1 under `ceilMode`.
 * Scale   the session's precision at least; pending until settled.
 * Cost    0 rounds, 0 bytes; owes one truncation.
 * Error   1 ulp and 2^−16 of the mean; exact but for the truncation where the divisor is a power of two.
 * Leaks   nothing.
 *
 * @throws {TypeError} for sizes that are no whole numbers.
 * @throws {MpcError} ERR_MPC_SHAPE when windows do not fit, ERR_MPC_RANGE for an option outside its range.
 */
export function avgPool2d(
  ctx: Context,
  x: Share,
  kernelSize: SpatialSizes,
  opts: AvgPoolOptions = {},
): Share {
  return pool(ctx, 'avgPool2d', 2, x, [kernelSize, opts]).output;
}

interface PoolSaved {
  readonly op: string;
  readonly w: Windows;
  readonly factor: Plain;
  readonly single: boolean;
}

/** The record of `avgPool1d`. */
export const avgPool1dOp: OpRecord<Share, AvgPool, PoolSaved> = {
  name: 'avgPool1d',
  forward: (ctx, [x], opts) => pool(ctx, 'avgPool1d', 1, x, opts),
  backward: poolBackward,
};

/** The record of `avgPool2d`. */
export const avgPool2dOp: OpRecord<Share, AvgPool, PoolSaved> = {
  name: 'avgPool2d',
  forward: (ctx, [x], opts) => pool(ctx, 'avgPool2d', 2, x, opts),
  backward: poolBackward,
};

function pool(
  ctx: Context,
  op: string,
  dims: number,
  x: Share,
  [kernelSize, opts]: AvgPool,
): Forward<PoolSaved> {
  const single = x.shape.length === dims + 1;
  const image = single ? unsqueeze(x, 0) : x;
  const w = poolWindows(op, dims, x.shape, image.shape, kernelSize, opts);
  const factor = factorsOf(op, w, opts);
  const padded = sameShape(w.image, w.padded)
    ? image
    : placeA(ctx, prompt(ctx, image), w.padded, insideView(w));
  const sums = sum(ctx, padded.view(windowsView(padded, w)), {
    dim: w.kernel.map((_, i) => i + 2),
  });
  const [v] = factor.data;
  const means =
    factor.data.length === 1 ? scale(ctx, op, sums, v) : mulPublic(ctx, op, sums, factor);
  return { output: single ? squeeze(means, 0) : means, saved: { op, w, factor, single } };
}

function poolBackward(ctx: Context, { op, w, factor, single }: PoolSaved, dy: Share): Gradients {
  const batch = single ? unsqueeze(dy, 0) : dy;
  const [v] = factor.data;
  const scaled =
    factor.data.length === 1 ? scaleFinely(ctx, op, batch, v) : mulPublic(ctx, op, batch, factor);
  const view = windowsView(wholeView(w.padded), w);
  const [n, c, ...steps] = scaled.strides;
  const strides = [n, c, ...w.kernel.map(() => 0), ...steps];
  const columns = scaled.view({ shape: view.shape, strides, offset: scaled.offset });
  const places = { shape: w.padded, view, overlap: sharedAxes(w), kept: insideView(w) };
  const dx = foldA(ctx, columns, places);
  return [single ? squeeze(dx, 0) : dx];
}

function poolWindows(
  op: string,
  dims: number,
  shape: Shape,
  image: Shape,
  kernelSize: SpatialSizes,
  opts: AvgPoolOptions,
): Windows {
  const sizes = image.slice(2);
  if (image.length !== dims + 2 || image.slice(1).includes(0)) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${op}: expected ${dims + 2} dims, or ${dims + 1}, and nothing but the batch empty, got ${showShape(shape)}`,
    );
  }
  const kernel = spatial(op, 'kernelSize', kernelSize, dims, 1);
  const stride = spatial(op, 'stride', opts.stride ?? kernel, dims, 1);
  const padding = spatial(op, 'padding', opts.padding ?? 0, dims, 0);
  const most = padding.findIndex((before, i) => 2 * before > kernel[i]);
  if (most >= 0) {
    throw new MpcError(
      'ERR_MPC_RANGE',
      `${op}: padding ${padding[most]} is more than half of the kernel's ${kernel[most]}`,
    );
  }
  const out = sizes.map((size, i) => {
    const steps = (size + 2 * padding[i] - kernel[i]) / stride[i];
    if (steps < 0) {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `${op}: windows ${showShape(kernel)} do not fit ${showShape(shape)} with padding ${showShape(padding)}; pad more`,
      );
    }
    const up = Math.ceil(steps);
    // A window must not begin in the padding behind the image.
    const counts = opts.ceilMode === true && up * stride[i] < size + padding[i];
    return (counts ? up : Math.floor(steps)) + 1;
  });
  const padded = sizes.map((size, i) =>
    Math.max(size + 2 * padding[i], (out[i] - 1) * stride[i] + kernel[i]),
  );
  const dilation = kernel.map(() => 1);
  return {
    image,
    padded: [...image.slice(0, 2), ...padded],
    kernel,
    out,
    stride,
    padding,
    dilation,
  };
}

/** What each window's sum is multiplied by: one number where all are equal. */
function factorsOf(op: string, w: Windows, opts: AvgPoolOptions): Plain {
  const { divisorOverride: fixed, countIncludePad = true } = opts;
  if (fixed !== undefined) {
    if (!Number.isFinite(fixed) || fixed === 0) {
      throw new MpcError('ERR_MPC_RANGE', `${op}: divisorOverride ${fixed} must be a number but 0`);
    }
    return { shape: [], data: Float64Array.of(1 / fixed) };
  }
  const counts = w.out.map((count, i) =>
    Array.from({ length: count }, (_, at) => {
      const size = w.image[i + 2];
      const start = at * w.stride[i] - w.padding[i];
      const end = start + w.kernel[i];
      return countIncludePad
        ? Math.min(end, size + w.padding[i]) - start
        : Math.min(end, size) - Math.max(start, 0);
    }),
  );
  const strides = contiguousStrides(w.out);
  const data = Float64Array.from({ length: sizeOf(w.out) }, (_, at) => {
    const places = counts.map((list, i) => list[Math.floor(at / strides[i]) % list.length]);
    return 1 / sizeOf(places);
  });
  const equal = data.every((value) => value === data[0]);
  return equal ? { shape: [], data: data.slice(0, 1) } : { shape: w.out, data };
}

/**
 * Adaptive average pools: as many windows as are asked for, each as large as it must be.
 * @module
 */

import { sizeOf } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { addRowsA, pickA, prompt } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import { imageLast, lastFirst } from './axes.ts';
import type { Forward, Gradients, OpRecord, Plain } from './op.ts';
import { adaptiveLines, type Line, type OutputSizes } from './pool-sizes.ts';
import { mulPublic, scale, scaleFinely } from './public.ts';

/**
 * Means of as many windows as are asked for, along one spatial dim.
 *
 * Shape   x: [N,C,L] or [C,L]; result: [N,C,outputSize]; null keeps L.
 * Scale, Cost, Error   as `adaptiveAvgPool2d`. Leaks   nothing.
 *
 * @throws {MpcError} as `adaptiveAvgPool2d`.
 */
export function adaptiveAvgPool1d(ctx: Context, x: Share, outputSize: OutputSizes): Share {
  return pool(ctx, 'adaptiveAvgPool1d', 1, x, outputSize).output;
}

/**
 * Means of as many windows as are asked for, over two spatial dims.
 *
 * Shape   x: [N,C,H,W] or [C,H,W]; result: [N,C,…outputSize]; null keeps a size.
 * Scale   the session's precision at least; pending until settled.
 * Cost    0 rounds, 0 bytes; owes one truncation.
 * Error   1 ulp and 2^−16 of the mean; exact but for the truncation where the numbers of places are powers of two.
 * Leaks   nothing.
 *
 * @throws {TypeError} for sizes that are neither whole numbers nor null.
 * @throws {MpcError} ERR_MPC_SHAPE for an image of other dims, ERR_MPC_RANGE for a size below 1.
 */
export function adaptiveAvgPool2d(ctx: Context, x: Share, outputSize: OutputSizes): Share {
  return pool(ctx, 'adaptiveAvgPool2d', 2, x, outputSize).output;
}

interface PoolSaved {
  readonly op: string;
  readonly lines: readonly Line[];
  readonly factor: Plain;
}

/** The record of `adaptiveAvgPool1d`. */
export const adaptiveAvgPool1dOp: OpRecord<Share, OutputSizes, PoolSaved> = {
  name: 'adaptiveAvgPool1d',
  forward: (ctx, [x], size) => pool(ctx, 'adaptiveAvgPool1d', 1, x, size),
  backward: poolBackward,
};

/** The record of `adaptiveAvgPool2d`. */
export const adaptiveAvgPool2dOp: OpRecord<Share, OutputSizes, PoolSaved> = {
  name: 'adaptiveAvgPool2d',
  forward: (ctx, [x], size) => pool(ctx, 'adaptiveAvgPool2d', 2, x, size),
  backward: poolBackward,
};

function pool(
  ctx: Context,
  op: string,
  dims: number,
  x: Share,
  outputSize: OutputSizes,
): Forward<PoolSaved> {
  const lines = adaptiveLines(op, dims, x.shape, outputSize);
  const factor = factorsOf(lines);
  const sums = moved(ctx, x, lines.map(toWindows));
  const [v] = factor.data;
  const output =
    factor.data.length === 1 ? scale(ctx, op, sums, v) : mulPublic(ctx, op, sums, factor);
  return { output, saved: { op, lines, factor } };
}

function poolBackward(ctx: Context, { op, lines, factor }: PoolSaved, dy: Share): Gradients {
  const [v] = factor.data;
  const scaled =
    factor.data.length === 1 ? scaleFinely(ctx, op, dy, v) : mulPublic(ctx, op, dy, factor);
  return [moved(ctx, scaled, lines.map(toWindows).map(adjoint))];
}

/** Elements along one dim that are added up: entry from[i] into entry to[i]. */
interface Transfer {
  readonly from: Int32Array<ArrayBuffer>;
  readonly to: Int32Array<ArrayBuffer>;
  /** Sizes of the dim before and after. */
  readonly before: number;
  readonly after: number;
}

function toWindows({ size, windows }: Line): Transfer {
  const pairs = windows.flatMap(({ reads }, i) => reads.map((position) => [position, i]));
  const [from, to] = [0, 1].map((side) => Int32Array.from(pairs, (pair) => pair[side]));
  return { from, to, before: size, after: windows.length };
}

function adjoint({ from, to, before, after }: Transfer): Transfer {
  return { from: to, to: from, before: after, after: before };
}

/** The transfers along the last dims, one dim after the other. */
function moved(ctx: Context, x: Share, transfers: readonly Transfer[]): Share {
  let part = prompt(ctx, x);
  for (const { from, to, after } of [...transfers].reverse()) {
    part = lastFirst(part);
    const rest = part.shape.slice(1);
    const width = sizeOf(rest);
    const terms = pickA(ctx, part, { rows: from, width }, [from.length, ...rest]);
    part = addRowsA(ctx, terms, { rows: to, width }, [after, ...rest]);
  }
  return imageLast(part, transfers.length);
}

/** What each window's sum is multiplied by: one number where all are equal. */
function factorsOf(lines: readonly Line[]): Plain {
  const counts = lines.map(({ windows }) => windows.map(({ reads }) => reads.length));
  const shape = counts.map((list) => list.length);
  const products = counts.reduce((all, list) => all.flatMap((a) => list.map((b) => a * b)), [1]);
  if (products.every((count) => count === products[0])) {
    return { shape: [], data: Float64Array.of(1 / products[0]) };
  }
  return { shape, data: Float64Array.from(products, (count) => 1 / count) };
}

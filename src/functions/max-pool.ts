/**
 * Max pools, with windows of one size or adaptive ones.
 *
 * A pool is a tournament along one dim after the other: the best of each row of a window, then the best of those, which are shared by
 * the windows above and below. Padding is no contestant: a window that reads fewer places than others reads its last one again, and
 * an element never beats an earlier equal.
 * @module
 */

import type { Shape } from '../core/shape.ts';
import { contiguousStrides, sizeOf } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { boundedA, boundOf } from '../protocol/local/bound.ts';
import { addRowsA, pickA, type Rows } from '../protocol/local/index.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import { add, mul } from './arithmetic.ts';
import { firstLast, imageFirst, imageLast, lastFirst } from './axes.ts';
import type { SpatialSizes } from './conv-sizes.ts';
import { permute, unsqueeze } from './movement.ts';
import type { Forward, Gradients, OpRecord, Plain } from './op.ts';
import {
  adaptiveLines,
  maxPoolLines,
  type Line,
  type MaxPoolOptions,
  type OutputSizes,
} from './pool-sizes.ts';
import { constant } from './public.ts';
import { sum } from './reduce.ts';
import { play, type Tournament } from './tournament.ts';

/** Size of the windows, and the rest. */
export type MaxPool = readonly [kernelSize: SpatialSizes, options: MaxPoolOptions];

/**
 * Largest elements of windows along one spatial dim, as PyTorch's.
 *
 * Shape   x: [N,C,L] or [C,L]; result: [N,C,L'].
 * Scale   x's nominal scale.
 * Cost    as `maxPool2d`, for one dim.
 * Error   as `maxPool2d`. Leaks   nothing.
 *
 * @throws {MpcError} as `maxPool2d`.
 */
export function maxPool1d(
  ctx: Context,
  x: Share,
  kernelSize: SpatialSizes,
  opts: MaxPoolOptions = {},
): Share {
  return pool(ctx, x, maxPoolLines('maxPool1d', 1, x.shape, kernelSize, opts)).output;
}

/**
 * Largest elements of windows over two spatial dims, as PyTorch's.
 *
 * Shape   x: [N,C,H,W] or [C,H,W]; result: [N,C,H',W'], H' = ⌊(H + 2·padding − span)/stride⌋ + 1, or ⌈…⌉ + 1 under `ceilMode`.
 * Scale   x's nominal scale.
 * Cost    3 rounds for each halving of the kernel's width, then of its height; 10.25 B for each of w − 1 comparisons of a row of a
 *         window and h − 1 of the rows: 2×2 takes 6 rounds. A pending x is settled first.
 * Error   exact for |x| < 2^(62 − fractional bits), whatever the padding.
 * Leaks   nothing.
 *
 * @throws {TypeError} for sizes that are no whole numbers.
 * @throws {MpcError} ERR_MPC_SHAPE when windows do not fit, ERR_MPC_RANGE for an option outside its range.
 */
export function maxPool2d(
  ctx: Context,
  x: Share,
  kernelSize: SpatialSizes,
  opts: MaxPoolOptions = {},
): Share {
  return pool(ctx, x, maxPoolLines('maxPool2d', 2, x.shape, kernelSize, opts)).output;
}

/**
 * Largest elements of as many windows as are asked for, along one spatial dim.
 *
 * Shape   x: [N,C,L] or [C,L]; result: [N,C,outputSize]; null keeps L.
 * Scale, Cost, Error   as `maxPool1d` with the windows' largest size. Leaks   nothing.
 *
 * @throws {TypeError} for sizes that are neither whole numbers nor null.
 * @throws {MpcError} ERR_MPC_SHAPE for an image of other dims, ERR_MPC_RANGE for a size below 1.
 */
export function adaptiveMaxPool1d(ctx: Context, x: Share, outputSize: OutputSizes): Share {
  return pool(ctx, x, adaptiveLines('adaptiveMaxPool1d', 1, x.shape, outputSize)).output;
}

/**
 * Largest elements of as many windows as are asked for, over two spatial dims.
 *
 * Shape   x: [N,C,H,W] or [C,H,W]; result: [N,C,…outputSize]; null keeps a size.
 * Scale, Cost, Error   as `maxPool2d` with the windows' largest sizes. Leaks   nothing.
 *
 * @throws {MpcError} as `adaptiveMaxPool1d`.
 */
export function adaptiveMaxPool2d(ctx: Context, x: Share, outputSize: OutputSizes): Share {
  return pool(ctx, x, adaptiveLines('adaptiveMaxPool2d', 2, x.shape, outputSize)).output;
}

/** What a pool decided along one dim. */
interface Stage {
  readonly line: Line;
  /** Of the places, in the order in which windows read them: [places, windows, …rest]. */
  readonly tournament: Tournament;
  /** Positions read, place by place. */
  readonly rows: Rows;
  /** [size, …rest] before. */
  readonly shape: Shape;
}

/** A pool that was computed; stages in the order of the dims from the last. */
export interface Pooled {
  readonly stages: readonly Stage[];
}

/** The records of the max pools; of equal elements the first in the window gets the gradient, as in PyTorch. */
export const maxPool1dOp: OpRecord<Share, MaxPool, Pooled> = {
  name: 'maxPool1d',
  forward: (ctx, [x], [size, opts]) =>
    pool(ctx, x, maxPoolLines('maxPool1d', 1, x.shape, size, opts)),
  backward: poolBackward,
};
export const maxPool2dOp: OpRecord<Share, MaxPool, Pooled> = {
  name: 'maxPool2d',
  forward: (ctx, [x], [size, opts]) =>
    pool(ctx, x, maxPoolLines('maxPool2d', 2, x.shape, size, opts)),
  backward: poolBackward,
};
export const adaptiveMaxPool1dOp: OpRecord<Share, OutputSizes, Pooled> = {
  name: 'adaptiveMaxPool1d',
  forward: (ctx, [x], size) => pool(ctx, x, adaptiveLines('adaptiveMaxPool1d', 1, x.shape, size)),
  backward: poolBackward,
};
export const adaptiveMaxPool2dOp: OpRecord<Share, OutputSizes, Pooled> = {
  name: 'adaptiveMaxPool2d',
  forward: (ctx, [x], size) => pool(ctx, x, adaptiveLines('adaptiveMaxPool2d', 2, x.shape, size)),
  backward: poolBackward,
};

/**
 * Positions of a pool's results in the image's plane, counted row by row as PyTorch's.
 *
 * Shape   the pool's result. Scale   0.
 * Cost    for each halving 1 round and 16 B a match; for the second dim a product. Leaks   nothing.
 */
export function pooledPositions(ctx: Context, { stages }: Pooled): Share {
  const steps = contiguousStrides(stages.map(({ line }) => line.size).reverse()).reverse();
  let found: Share | undefined;
  stages.forEach((stage, i) => {
    const { line, rows } = stage;
    const chosen = choices(ctx, stage);
    const [places, windows, ...rest] = chosen.shape;
    const data = Float64Array.from(rows.rows, (position) => position * steps[i]);
    const own: Plain = { shape: [places, windows, ...rest.map(() => 1)], data };
    const before = found === undefined ? undefined : read(ctx, lastFirst(found), stage);
    const position = before === undefined ? own : add(ctx, before, own);
    found = sum(ctx, mul(ctx, chosen, position), { dim: 0 });
    const largest = steps[i] * line.size - 1;
    found = boundedA(found, boundOf(largest));
  });
  return imageLast(found as Share, stages.length);
}

/**
 * Where in its window each result is: exactly one 1 in each.
 *
 * Shape   the pool's result and the window: [N,C,…out,…kernel]. Scale   0.
 * Cost    as `pooledPositions`, the product for every place of a window. Leaks   nothing.
 */
export function pooledOneHot(ctx: Context, { stages }: Pooled): Share {
  const dims = stages.length;
  let hot: Share | undefined;
  for (const stage of stages) {
    let chosen = choices(ctx, stage);
    if (hot !== undefined) {
      const before = read(ctx, lastFirst(hot), stage);
      chosen = mul(ctx, unsqueeze(chosen, 2), before);
    }
    hot = inPlace(ctx, chosen, stage.line);
  }
  // [kernel_1, out_1, kernel_2, out_2, …lead]
  const all = hot as Share;
  const lead = [...all.shape.keys()].slice(2 * dims);
  const own = Array.from({ length: dims }, (_, i) => 2 * i);
  return boundedA(permute(all, [...lead, ...own.map((at) => at + 1), ...own]), 0);
}

function pool(ctx: Context, x: Share, lines: readonly Line[]): Forward<Pooled> {
  const stages: Stage[] = [];
  let best = settle(ctx, x);
  for (const line of [...lines].reverse()) {
    const { shape } = (best = lastFirst(best));
    const width = sizeOf(shape.slice(1));
    const stage = { line, rows: { rows: readsOf(line), width }, shape };
    const tournament = play(ctx, read(ctx, best, stage));
    stages.push({ ...stage, tournament });
    best = tournament.best();
  }
  return { output: imageLast(best, lines.length), saved: { stages } };
}

function poolBackward(ctx: Context, { stages }: Pooled, dy: Share): Gradients {
  let part = imageFirst(settle(ctx, dy), stages.length);
  for (const { tournament, rows, shape: before } of [...stages].reverse()) {
    const back = addRowsA(ctx, tournament.award(ctx, part), rows, before);
    part = firstLast(back);
  }
  return [part];
}

/** What each window reads, place by place: [places, windows, …rest] of [size, …rest]. */
function read(ctx: Context, x: Share, { line, rows }: Pick<Stage, 'line' | 'rows'>): Share {
  const rest = x.shape.slice(1);
  const shape = [line.kernel, line.windows.length, ...rest];
  return pickA(ctx, x, { rows: rows.rows, width: sizeOf(rest) }, shape);
}

/** Numbers of the positions read, place by place; windows that read fewer read the last one again. */
function readsOf({ kernel, windows }: Line): Int32Array<ArrayBuffer> {
  const rows = new Int32Array(kernel * windows.length);
  windows.forEach(({ reads }, i) => {
    for (let place = 0; place < kernel; place++) {
      rows[place * windows.length + i] = reads[Math.min(place, reads.length - 1)];
    }
  });
  return rows;
}

/** 1 at the place that won, in the order of reading: [places, windows, …rest]. */
function choices(ctx: Context, { line, tournament, shape }: Stage): Share {
  const ones = constant(ctx, 'maxPool', [line.windows.length, ...shape.slice(1)], 1);
  return boundedA(tournament.award(ctx, ones), 0);
}

/** [places, windows, …rest] in the order of the kernel's places: a window at the edge begins to read later. */
function inPlace(ctx: Context, chosen: Share, { kernel, windows }: Line): Share {
  const { shape } = chosen;
  const rows = new Int32Array(kernel * windows.length);
  windows.forEach(({ place, reads }, i) => {
    for (let at = 0; at < kernel; at++) {
      // Places beyond the last that is read hold 0.
      const own = at < reads.length ? place + at : 0;
      rows[at * windows.length + i] = own * windows.length + i;
    }
  });
  return addRowsA(ctx, chosen, { rows, width: sizeOf(shape.slice(2)) }, shape);
}

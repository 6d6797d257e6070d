/**
 * More movement: rolling, windows, repetition.
 *
 * Windows are a view and keep their storage's mask; the others copy.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { normalizeDim, showShape, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { catA, foldA } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import { wholeView, type View } from '../ring/view.ts';
import { narrow, reshape } from './movement.ts';
import type { OpRecord } from './op.ts';
import { sum } from './reduce.ts';
import { unfoldView } from './views.ts';

/** How far, and along which dims; without dims the flattened tensor is rolled. */
export interface RollOptions {
  readonly shifts: readonly number[];
  readonly dims: readonly number[] | undefined;
}

/**
 * Elements moved along dims, those that leave at one end coming in at the other.
 *
 * Shape   unchanged.
 * Scale   unchanged.
 * Cost    0 rounds, 0 bytes.
 * Error   exact.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim, or not one shift for each.
 */
export function roll(ctx: Context, x: Share, { shifts, dims }: RollOptions): Share {
  if (dims === undefined && shifts.length === 1) {
    const flat = reshape(ctx, x, [-1], 'roll');
    return reshape(ctx, roll(ctx, flat, { shifts, dims: [0] }), x.shape, 'roll');
  }
  if (dims === undefined || shifts.length !== dims.length || !shifts.every(Number.isInteger)) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `roll: shifts ${showShape(shifts)} and dims ${dims === undefined ? 'unsaid' : showShape(dims)} must be equally many whole numbers`,
    );
  }
  return shifts.reduce((y, shift, i) => rollAlong(ctx, y, shift, dims[i]), x);
}

function rollAlong(ctx: Context, x: Share, shift: number, dim: number): Share {
  const axis = normalizeDim('roll', dim, x.shape.length);
  const size = x.shape[axis] ?? 1;
  const by = size === 0 ? 0 : ((shift % size) + size) % size;
  if (by === 0) return x;
  const parts = [narrow(x, axis, size - by, by), narrow(x, axis, 0, size - by)];
  return catA(ctx, parts, axis);
}

/**
 * Windows of `size` positions along a dim, `step` apart.
 *
 * Shape   dim `dim` counts the windows, a new last dim has the positions in them. 0-d: as [1].
 * Scale   unchanged.
 * Cost    0 rounds, 0 bytes, no copy.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when no window fits or the step is below 1.
 */
export function unfold(x: Share, dim: number, size: number, step: number): Share {
  return x.view(unfoldView(x, dim, size, step));
}

/**
 * The tensor repeated along its dims and along new leading ones.
 *
 * Shape   one count for each dim of the result; result: sizes times counts.
 * Scale   unchanged.
 * Cost    0 rounds, 0 bytes.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for fewer counts than dims, or one that is no whole number from 0 up.
 */
export function repeat(ctx: Context, x: Share, counts: readonly number[]): Share {
  const { blocks, sizes } = tiling(x.shape, counts);
  const lead = counts.length - x.shape.length;
  const strides = counts.flatMap((_, i) => [0, i < lead ? 0 : x.strides[i - lead]]);
  return reshape(ctx, x.view({ shape: blocks, strides, offset: x.offset }), sizes, 'repeat');
}

/** The record of `roll`. */
export const rollOp: OpRecord<Share, RollOptions, RollOptions> = {
  name: 'roll',
  forward: (ctx, [x], opts) => ({ output: roll(ctx, x, opts), saved: opts }),
  backward: (ctx, { shifts, dims }, dy) => [
    roll(ctx, dy, { shifts: shifts.map((shift) => -shift), dims }),
  ],
};

interface UnfoldSaved {
  readonly x: Shape;
  readonly view: View;
  readonly axis: number;
}

/** The record of `unfold`. */
export const unfoldOp: OpRecord<Share, readonly [number, number, number], UnfoldSaved> = {
  name: 'unfold',
  forward: (_, [x], opts) => ({
    output: unfold(x, ...opts),
    saved: {
      x: x.shape,
      view: unfoldView(wholeView(x.shape), ...opts),
      axis: normalizeDim('unfold', opts[0], x.shape.length),
    },
  }),
  backward: (ctx, { x, view, axis }, dy) => {
    // Positions are distinct along windows at one place of each, and along the places of one window: the shorter way.
    const last = view.shape.length - 1;
    const overlap = [view.shape[axis] < view.shape[last] ? axis : last];
    return [foldA(ctx, dy, { shape: x, view, overlap, kept: wholeView(x) })];
  },
};

/** The record of `repeat`. */
export const repeatOp: OpRecord<Share, readonly number[], { x: Shape; counts: readonly number[] }> =
  {
    name: 'repeat',
    forward: (ctx, [x], counts) => ({
      output: repeat(ctx, x, counts),
      saved: { x: x.shape, counts },
    }),
    backward: (ctx, { x, counts }, dy) => {
      if (counts.length === 0) return [dy];
      const blocks = reshape(ctx, dy, tiling(x, counts).blocks);
      const copies = counts.map((_, i) => 2 * i);
      return [reshape(ctx, sum(ctx, blocks, { dim: copies }), x)];
    },
  };

/** What a repetition is: counts and sizes in turns, and their products. */
function tiling(shape: Shape, counts: readonly number[]): { blocks: number[]; sizes: number[] } {
  const lead = counts.length - shape.length;
  if (lead < 0 || !counts.every(isCount)) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `repeat: ${showShape(counts)} cannot repeat ${showShape(shape)}; expected a count for each dim, and more for new leading ones`,
    );
  }
  const sizes = counts.map((_, i) => (i < lead ? 1 : shape[i - lead]));
  return {
    blocks: counts.flatMap((count, i) => [count, sizes[i]]),
    sizes: counts.map((count, i) => count * sizes[i]),
  };
}

function isCount(count: number): boolean {
  return Number.isInteger(count) && count >= 0;
}

/**
 * Activations of a few linear pieces: clips to public bounds, and the leaky ReLU.
 *
 * A clip and the bits of its gradient come from one opening; bounds are words of x's own scale, so nothing is truncated.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import type { Context } from '../protocol/context.ts';
import { refine } from '../protocol/local/index.ts';
import { boundOf } from '../protocol/local/bound.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import type { LinearPiece } from '../protocol/steps.ts';
import { encodeScalar } from '../ring/encoder.ts';
import { add, mul, sub } from './arithmetic.ts';
import { excess } from './difference.ts';
import type { Forward, OpRecord } from './op.ts';
import { constant, scale } from './public.ts';

/** Public bounds; one may be missing. */
export interface ClampOptions {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** Where a leaky ReLU begins to leak, and how much. */
export interface LeakyReluOptions {
  /** Slope below 0; 0.01 unless said. */
  readonly negativeSlope?: number | undefined;
}

/** Bounds of `hardtanh`. */
export interface HardtanhOptions {
  /** −1 unless said. */
  readonly minVal?: number | undefined;
  /** 1 unless said. */
  readonly maxVal?: number | undefined;
}

/**
 * min(max(x, min), max), elementwise; `max` where min > max.
 *
 * Shape   x: any; result: same.
 * Scale   x's nominal scale; the session's where x is unscaled and a bound is a fraction.
 * Cost    one gate with a threshold for each bound: 3 rounds, 12.5 B an element for two bounds, 10.25 B for one. A pending x is
 *         settled first.
 * Error   exact, bounds rounded to x's scale, while |x − bound| < 2^(63 − fractional bits).
 * Leaks   nothing.
 *
 * @throws {TypeError} without a bound.
 * @throws {MpcError} ERR_MPC_RANGE for a bound that is not a number or does not fit.
 */
export function clamp(ctx: Context, x: Share, opts: ClampOptions): Share {
  return clampForward(ctx, x, opts).output;
}

/**
 * x clipped to −1 and 1, or to other bounds; its gradient at the bounds is 0, as PyTorch's, where that of `clamp` is 1.
 *
 * Shape, Scale, Cost, Error   as `clamp`. Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_RANGE unless minVal < maxVal and both fit.
 */
export function hardtanh(ctx: Context, x: Share, opts: HardtanhOptions = {}): Share {
  return hardtanhForward(ctx, x, opts).output;
}

/**
 * min(max(x, 0), 6).
 *
 * Shape, Scale, Cost, Error   as `clamp`. Leaks   nothing.
 */
export function relu6(ctx: Context, x: Share): Share {
  return hardtanhForward(ctx, x, { minVal: 0, maxVal: 6 }).output;
}

/**
 * x where x > 0, slope·x elsewhere.
 *
 * Shape   x: any; result: same.
 * Scale   x's nominal scale and the slope's; pending until settled.
 * Cost    one gate with one threshold: 3 rounds, 8 B + 18 bits an element; owes one truncation. A pending x is settled first.
 * Error   exact but for the truncation and the slope's 16 significant bits, for |x| < 2^(63 − fractional bits).
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_RANGE for a slope that is not a number or does not fit.
 */
export function leakyRelu(ctx: Context, x: Share, opts: LeakyReluOptions = {}): Share {
  return leakyForward(ctx, x, opts).output;
}

/** The record of `clamp`; the gradient at the bounds is dy, as PyTorch's. */
export const clampOp: OpRecord<Share, ClampOptions, Share> = {
  name: 'clamp',
  forward: (ctx, [x], opts) => clampForward(ctx, x, opts),
  backward: (ctx, inside, dy) => [mul(ctx, dy, inside)],
};

/** The record of `hardtanh`; the gradient at the bounds is 0, as PyTorch's. */
export const hardtanhOp: OpRecord<Share, HardtanhOptions, Share> = {
  name: 'hardtanh',
  forward: (ctx, [x], opts) => hardtanhForward(ctx, x, opts),
  backward: (ctx, inside, dy) => [mul(ctx, dy, inside)],
};

/** The record of `relu6`; the gradient at the bounds is 0, as PyTorch's. */
export const relu6Op: OpRecord<Share, void, Share> = {
  name: 'relu6',
  forward: (ctx, [x]) => hardtanhForward(ctx, x, { minVal: 0, maxVal: 6 }),
  backward: (ctx, inside, dy) => [mul(ctx, dy, inside)],
};

/** The record of `leakyRelu`; the gradient at 0 is slope·dy, as PyTorch's. */
export const leakyReluOp: OpRecord<
  Share,
  LeakyReluOptions,
  { readonly positive: Share; readonly slope: number }
> = {
  name: 'leakyRelu',
  forward: (ctx, [x], opts) => leakyForward(ctx, x, opts),
  backward: (ctx, { positive, slope }, dy) => {
    const settled = settle(ctx, dy);
    return [leaking(ctx, mul(ctx, settled, positive), settled, slope)];
  },
};

function clampForward(ctx: Context, x: Share, { min, max }: ClampOptions): Forward<Share> {
  if (min === undefined && max === undefined) {
    throw new TypeError('clamp: expected "min", "max" or both, got neither');
  }
  if (min !== undefined && max !== undefined && min > max) {
    const nowhere = constant(ctx, 'clamp', x.shape, 0);
    return { output: constant(ctx, 'clamp', x.shape, max), saved: nowhere };
  }
  // min itself and max itself are inside: the upper threshold is the word after max.
  return clip(ctx, 'clamp', x, [min, 0n], [max, 1n]);
}

function hardtanhForward(ctx: Context, x: Share, opts: HardtanhOptions): Forward<Share> {
  const { minVal = -1, maxVal = 1 } = opts;
  if (!(minVal < maxVal)) {
    throw new MpcError(
      'ERR_MPC_RANGE',
      `hardtanh: minVal ${minVal} must be below maxVal ${maxVal}`,
    );
  }
  return clip(ctx, 'hardtanh', x, [minVal, 1n], [maxVal, 0n]);
}

function leakyForward(
  ctx: Context,
  x: Share,
  { negativeSlope: slope = 0.01 }: LeakyReluOptions,
): Forward<{ positive: Share; slope: number }> {
  const settled = settle(ctx, x);
  const { value, positive } = excess(ctx, settled);
  return { output: leaking(ctx, value, settled, slope), saved: { positive, slope } };
}

/** whole where it is part, slope·whole where part is 0: part + slope·(whole − part). */
function leaking(ctx: Context, part: Share, whole: Share, slope: number): Share {
  return add(ctx, part, scale(ctx, 'leakyRelu', sub(ctx, whole, part), slope));
}

/** A bound, and how many words after it the next piece begins. */
type Edge = readonly [bound: number | undefined, after: bigint];

/** x between bounds, and [x is inside], by one gate. */
function clip(ctx: Context, op: string, x: Share, low: Edge, high: Edge): Forward<Share> {
  const settled = settle(ctx, x);
  const edges = [low, high].map(([bound]) => bound);
  const fraction = edges.some((bound) => bound !== undefined && !Number.isInteger(bound));
  const fracBits = settled.fracBits === 0 && fraction ? ctx.session.precision : settled.fracBits;
  const ready = refine(ctx, settled, fracBits);
  const thresholds: bigint[] = [];
  const values: LinearPiece[] = [{ slope: 1n, offset: 0n }];
  const inside = [1n];
  if (low[0] !== undefined) {
    const offset = wordOf(low[0], fracBits);
    thresholds.push(offset + low[1]);
    values.unshift({ slope: 0n, offset });
    inside.unshift(0n);
  }
  if (high[0] !== undefined) {
    const offset = wordOf(high[0], fracBits);
    thresholds.push(offset + high[1]);
    values.push({ slope: 0n, offset });
    inside.push(0n);
  }
  const bits = inside.map((offset) => ({ slope: 0n, offset }));
  const sizes = edges.map((bound) => (bound === undefined ? x.bound : boundOf(Math.abs(bound))));
  const bound = sizes.includes(undefined) ? undefined : Math.max(...(sizes as number[]));
  const clipped = { fracBits, pieces: values };
  const outputs = [
    bound === undefined ? clipped : { ...clipped, bound },
    { fracBits: 0, bound: 0, pieces: bits },
  ];
  const [output, saved] = ctx.gates.steps(ctx, ready, { name: op, thresholds, outputs });
  return { output, saved };
}

/** A bound as a signed word. */
function wordOf(bound: number, fracBits: number): bigint {
  return BigInt.asIntN(64, encodeScalar(bound, fracBits));
}

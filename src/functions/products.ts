/**
 * The product of many elements, as a tree: log2 as many rounds, and a gradient that holds where elements are 0.
 * @module
 */

import { normalizeDim, sizeOf, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import type { Share } from '../protocol/share.ts';
import { mul } from './arithmetic.ts';
import { cat, narrow, permute, reshape } from './movement.ts';
import type { Forward, OpRecord } from './op.ts';
import { constant } from './public.ts';

/** The dim that is multiplied up, all if unsaid, and whether it stays with size 1. */
export interface ProdOptions {
  readonly dim?: number | undefined;
  readonly keepdim?: boolean | undefined;
}

/** One level of the tree: the two halves that were multiplied; an odd last element went on as it was. */
interface Level {
  readonly left: Share;
  readonly right: Share;
  readonly odd: boolean;
}

interface ProdSaved {
  readonly shape: Shape;
  /** undefined: all dims. */
  readonly axis: number | undefined;
  readonly levels: readonly Level[];
}

/**
 * The product of all elements, or of those along a dim; 1 where there are none.
 *
 * Shape   x: any; the dim vanishes, or stays with size 1 under `keepdim`.
 * Scale   twice x's until settled.
 * Cost    n elements: ceil(log2 n) rounds of products, n − 1 products, 8 B for each factor of each.
 * Error   n ulp of max(1, |x|)^(n−1); |product| < 2^30.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim.
 */
export function prod(ctx: Context, x: Share, opts: ProdOptions = {}): Share {
  return multiplied(ctx, [x], opts).output;
}

/** The record of `prod`. */
export const prodOp: OpRecord<Share, ProdOptions, ProdSaved> = {
  name: 'prod',
  forward: multiplied,
  backward: (ctx, { shape, axis, levels }, dy) => {
    if (sizeOf(shape) === 0) return [constant(ctx, 'prod', shape, 0)];
    const rest = axis === undefined ? [] : shape.filter((_, i) => i !== axis);
    let gradient = reshape(ctx, dy, [1, ...rest]);
    for (const { left, right, odd } of [...levels].reverse()) {
      const half = left.shape[0];
      const part = narrow(gradient, 0, 0, half);
      const halves = [mul(ctx, part, right), mul(ctx, part, left)];
      gradient = cat(ctx, odd ? [...halves, narrow(gradient, 0, half, 1)] : halves, 0);
    }
    if (axis === undefined) return [reshape(ctx, gradient, shape)];
    const order = shape.map((_, i) => (i === axis ? 0 : i < axis ? i + 1 : i));
    return [permute(gradient, order)];
  },
};

function multiplied(ctx: Context, [x]: readonly Share[], opts: ProdOptions): Forward<ProdSaved> {
  const { shape } = x;
  const { dim, keepdim = false } = opts;
  const axis = dim === undefined ? undefined : normalizeDim('prod', dim, shape.length);
  const all = axis === undefined || shape.length === 0;
  const others = [...shape.keys()].filter((i) => i !== axis);
  const levels: Level[] = [];
  let list = all ? reshape(ctx, x, [-1]) : permute(x, [axis, ...others]);
  while (list.shape[0] > 1) {
    const half = Math.floor(list.shape[0] / 2);
    const [left, right] = [narrow(list, 0, 0, half), narrow(list, 0, half, half)];
    const odd = list.shape[0] % 2 === 1;
    levels.push({ left, right, odd });
    const product = mul(ctx, left, right);
    list = odd ? cat(ctx, [product, narrow(list, 0, 2 * half, 1)], 0) : product;
  }
  const kept = shape.map((size, i) => (all || i === axis ? 1 : size));
  const result = keepdim ? kept : shape.filter((_, i) => !all && i !== axis);
  const output =
    list.shape[0] === 0 ? constant(ctx, 'prod', result, 1) : reshape(ctx, list, result);
  return { output, saved: { shape, axis: all ? undefined : axis, levels } };
}

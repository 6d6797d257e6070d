/**
 * CrypTen's reciprocals: Newton's iteration, and e^(−log x).
 * @module
 */

import type { Context } from '../../protocol/context.ts';
import type { Share } from '../../protocol/share.ts';
import { add, mul, neg, sub } from '../arithmetic.ts';
import { magnitude } from '../compare.ts';
import { constant, plainScalar, scale } from '../public.ts';
import { entering } from './entering.ts';
import { limitExp } from './exponential.ts';
import { householderLog } from './logarithm.ts';
import type { MethodTable, OwnMethod } from './options.ts';

/** How 1/x is computed. */
export type ReciprocalOptions = OwnMethod | NewtonOptions | LogReciprocalOptions;

/** What both methods take. */
interface SignOptions {
  /** x is above 0: its sign is not asked for. */
  readonly allPos?: boolean | undefined;
  /** x lies between 0 and 1: 64/(64·x). */
  readonly inputIn01?: boolean | undefined;
}

/** r ← r·(2 − r·x). */
export interface NewtonOptions extends SignOptions {
  readonly method: 'NR';
  /** Steps; 10 unless said. */
  readonly iterations?: number | undefined;
  /** Where to begin; 3·e^(1 − 2x) + 0.003 unless said. */
  readonly initial?: number | undefined;
}

/** e^(−log x), the logarithm by Householder's iteration. */
export interface LogReciprocalOptions extends SignOptions {
  readonly method: 'log';
  /** Steps of the logarithm; 1 unless said. */
  readonly logIters?: number | undefined;
}

/** The methods of `reciprocal`. */
export const RECIPROCAL_METHODS: MethodTable = {
  NR: { iterations: 'count', allPos: 'flag', initial: 'number', inputIn01: 'flag' },
  log: { logIters: 'count', allPos: 'flag', inputIn01: 'flag' },
};

/** What x in [0, 1] is multiplied by. */
const UNIT_FACTOR = 64;

/**
 * 1/x by either method; the sign is taken off before and put back after, unless `allPos` or `inputIn01` says that there is none.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision.
 * Cost    the sign takes a truncate+ReLU gate and a product; NR: an exponential by the limit without an initial value, 4 rounds and two products
 *         a step; log: a logarithm by Householder's iteration and an exponential by the limit.
 * Error   NR: 0.005 for 0.002 ≤ |x| ≤ 250. log: a quarter of the result from 0.02 to 100, 2 % by two steps. Wrong outside.
 * Leaks   nothing.
 */
export function crypTenReciprocal(
  ctx: Context,
  x: Share,
  opts: NewtonOptions | LogReciprocalOptions,
): Share {
  const from = entering(ctx, x);
  if (opts.inputIn01 === true) {
    const inverse = positive(ctx, scale(ctx, 'reciprocal', from, UNIT_FACTOR), opts);
    return scale(ctx, 'reciprocal', inverse, UNIT_FACTOR);
  }
  if (opts.allPos === true) return positive(ctx, from, opts);
  const { value, positive: above } = magnitude(ctx, from);
  const side = sub(ctx, scale(ctx, 'reciprocal', above, 2), plainScalar(1));
  return mul(ctx, side, positive(ctx, value, opts));
}

function positive(ctx: Context, x: Share, opts: NewtonOptions | LogReciprocalOptions): Share {
  if (opts.method === 'NR') return newtonReciprocal(ctx, x, opts);
  return limitExp(ctx, neg(ctx, householderLog(ctx, x, { iterations: opts.logIters ?? 1 })));
}

function newtonReciprocal(
  ctx: Context,
  x: Share,
  { iterations = 10, initial }: NewtonOptions,
): Share {
  let y = initial === undefined ? guess(ctx, x) : constant(ctx, 'reciprocal', x.shape, initial);
  for (let i = 0; i < iterations; i++) {
    y = mul(ctx, y, sub(ctx, plainScalar(2), mul(ctx, y, x)));
  }
  return y;
}

function guess(ctx: Context, x: Share): Share {
  const tail = limitExp(ctx, sub(ctx, plainScalar(1), scale(ctx, 'reciprocal', x, 2)));
  return add(ctx, scale(ctx, 'reciprocal', tail, 3), plainScalar(0.003));
}

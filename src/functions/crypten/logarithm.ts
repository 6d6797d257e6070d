/**
 * CrypTen's logarithm: Householder's iteration, which takes exponentials by the limit.
 * @module
 */

import type { Context } from '../../protocol/context.ts';
import { settle } from '../../protocol/settle.ts';
import type { Share } from '../../protocol/share.ts';
import { add, mul, neg, sub } from '../arithmetic.ts';
import { polynomial } from '../polynomial.ts';
import { plainScalar, scale } from '../public.ts';
import { entering } from './entering.ts';
import { EXP_ITERATIONS, limitExp } from './exponential.ts';
import type { MethodTable, OwnMethod } from './options.ts';

/** How log x is computed. */
export type LogOptions = OwnMethod | HouseholderOptions;

/** y ← y − Σ_k h^k/k with h = 1 − x·e^(−y), k up to the order. */
export interface HouseholderOptions {
  readonly method: 'householder';
  /** Steps; 2 unless said. */
  readonly iterations?: number | undefined;
  /** Squares of each exponential; 8 unless said. */
  readonly expIterations?: number | undefined;
  /** Terms of each step; 8 unless said. */
  readonly order?: number | undefined;
  /** x lies between 0 and 1: log(100·x) − log(100). */
  readonly inputIn01?: boolean | undefined;
}

/** The methods of `log`. */
export const LOG_METHODS: MethodTable = {
  householder: { iterations: 'count', expIterations: 'count', order: 'count', inputIn01: 'flag' },
};

/** log 100, as CrypTen has it. */
const LOG_100 = 4.60517;

/**
 * log x by Householder's iteration, from x/120 − 20·e^(−2x − 1) + 3.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision.
 * Cost    an exponential by the limit to begin with and one for each step, whose polynomial takes ceil(log2 order) rounds of products.
 * Error   0.1 from 2^−13 to 250, of x in [0, 1] from 2^−15 on; wrong outside.
 * Leaks   nothing.
 */
export function householderLog(
  ctx: Context,
  x: Share,
  {
    iterations = 2,
    expIterations = EXP_ITERATIONS,
    order = 8,
    inputIn01 = false,
  }: Omit<HouseholderOptions, 'method'>,
): Share {
  if (inputIn01) {
    const larger = scale(ctx, 'log', entering(ctx, x), 100);
    const found = householderLog(ctx, larger, { iterations, expIterations, order });
    return sub(ctx, found, plainScalar(LOG_100));
  }
  const from = entering(ctx, x);
  const tail = limitExp(ctx, sub(ctx, scale(ctx, 'log', from, -2), plainScalar(1)), expIterations);
  const line = add(ctx, scale(ctx, 'log', from, 1 / 120), plainScalar(3));
  const terms = {
    shape: [order],
    data: Float64Array.from({ length: order }, (_, i) => 1 / (i + 1)),
  };
  let y = sub(ctx, line, scale(ctx, 'log', tail, 20));
  for (let i = 0; i < iterations; i++) {
    y = settle(ctx, y);
    const ratio = mul(ctx, from, limitExp(ctx, neg(ctx, y), expIterations));
    const rest = sub(ctx, plainScalar(1), ratio);
    y = sub(ctx, y, polynomial(ctx, rest, terms));
  }
  return y;
}

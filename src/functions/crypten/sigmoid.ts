/**
 * CrypTen's sigmoid and tanh: by a reciprocal, or by Chebyshev polynomials.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import type { Context } from '../../protocol/context.ts';
import { settle } from '../../protocol/settle.ts';
import type { Share } from '../../protocol/share.ts';
import { add, mul, neg, square, sub } from '../arithmetic.ts';
import { hardtanh } from '../clamp.ts';
import { magnitude, where } from '../compare.ts';
import { reshape, stack } from '../movement.ts';
import { plainScalar, scale } from '../public.ts';
import { sum } from '../reduce.ts';
import { tanhSeries } from './chebyshev.ts';
import { entering } from './entering.ts';
import { limitExp } from './exponential.ts';
import type { MethodTable, OwnMethod } from './options.ts';
import { crypTenReciprocal } from './reciprocal.ts';

/** How sigmoid and tanh are computed. */
export type SigmoidOptions = OwnMethod | SigmoidReciprocalOptions | ChebyshevOptions;

/** 1/(1 + e^−|x|), or 1 minus that. */
export interface SigmoidReciprocalOptions {
  readonly method: 'reciprocal';
}

/** A Chebyshev series of tanh. */
export interface ChebyshevOptions {
  readonly method: 'chebyshev';
  /** Terms, even and at least 6; 32 unless said. */
  readonly terms?: number | undefined;
}

/** The methods of `sigmoid` and `tanh`. */
export const SIGMOID_METHODS: MethodTable = { reciprocal: {}, chebyshev: { terms: 'count' } };

/**
 * The sigmoid by either method.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision.
 * Cost    reciprocal: a truncate+ReLU gate, an exponential by the limit, 3 steps of Newton's iteration and a selection: 32 rounds, 133 B an
 *         element of two parties.
 *         chebyshev: as `crypTenTanh`.
 * Error   reciprocal: 0.005 within ±500. chebyshev: 1e-4 within ±2.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for an odd number of terms, or fewer than 6.
 */
export function crypTenSigmoid(
  ctx: Context,
  x: Share,
  opts: SigmoidReciprocalOptions | ChebyshevOptions,
): Share {
  const from = entering(ctx, x);
  if (opts.method === 'reciprocal') return sigmoidOf(ctx, from);
  const half = entering(ctx, scale(ctx, 'sigmoid', from, 0.5));
  const odd = chebyshevTanh(ctx, half, opts.terms);
  return add(ctx, scale(ctx, 'sigmoid', odd, 0.5), plainScalar(0.5));
}

/**
 * tanh by either method.
 *
 * Shape   x: any; result: same.
 * Scale   the session's precision.
 * Cost    reciprocal: as `crypTenSigmoid`. chebyshev: a product for each coefficient that is no less than half a unit in the last place,
 *         5 of 16 at precision 16, 2 rounds each, and `hardtanh`.
 * Error   reciprocal: 0.01 within ±250. chebyshev: 1e-4 within ±1.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for an odd number of terms, or fewer than 6.
 */
export function crypTenTanh(
  ctx: Context,
  x: Share,
  opts: SigmoidReciprocalOptions | ChebyshevOptions,
): Share {
  const from = entering(ctx, x);
  if (opts.method === 'chebyshev') return chebyshevTanh(ctx, from, opts.terms);
  const both = scale(ctx, 'tanh', sigmoidOf(ctx, scale(ctx, 'tanh', from, 2)), 2);
  return sub(ctx, both, plainScalar(1));
}

function sigmoidOf(ctx: Context, x: Share): Share {
  const { value, positive } = magnitude(ctx, x);
  const below = add(ctx, limitExp(ctx, neg(ctx, value)), plainScalar(1));
  const options = { method: 'NR', iterations: 3, allPos: true, initial: 0.75 } as const;
  const upper = crypTenReciprocal(ctx, below, options);
  return where(ctx, positive, upper, sub(ctx, plainScalar(1), upper));
}

/** Σ c_k·T_k over odd k, between −1 and 1. */
function chebyshevTanh(ctx: Context, x: Share, terms = 32): Share {
  if (terms % 2 !== 0 || terms < 6) {
    throw new MpcError(
      'ERR_MPC_UNSUPPORTED',
      `tanh: Chebyshev terms must be even and at least 6, got ${terms}`,
    );
  }
  const smallest = 2 ** -(ctx.session.precision + 1);
  const odd = tanhSeries(terms).filter((_, j) => j % 2 === 1);
  const used = odd.filter((coefficient) => Math.abs(coefficient) >= smallest);
  // T_(k+2) = (4x² − 2)·T_k − T_(k−2), and T_(−1) = T_1.
  const step = sub(ctx, scale(ctx, 'tanh', square(ctx, x), 4), plainScalar(2));
  const all = [x];
  for (let k = 1; k < used.length; k++) {
    all.push(settle(ctx, sub(ctx, mul(ctx, step, all[k - 1]), all[Math.max(k - 2, 0)])));
  }
  const rows = stack(
    ctx,
    all.map((one) => reshape(ctx, one, [-1])),
  );
  const sums = sum(ctx, mul(ctx, rows, { shape: [used.length, 1], data: used }), { dim: 0 });
  return hardtanh(ctx, reshape(ctx, sums, x.shape));
}

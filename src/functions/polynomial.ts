/**
 * Polynomials of a secret, in as many rounds as the logarithm of the degree.
 *
 * x^k is x^(2^t) times the rest of k, where 2^t is the largest power of two in it: every power is exact for every k, a power is
 * made once for all that use it, and each is opened once at most.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { showShape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import type { Share } from '../protocol/share.ts';
import { add, mul } from './arithmetic.ts';
import { matmul } from './linear.ts';
import { index, reshape, stack } from './movement.ts';
import { isShare, secret, type Operand, type OpRecord } from './op.ts';
import { constant, plainScalar, scale } from './public.ts';

/** The powers of a share from 1 up, each made when it is first asked for. */
export class Powers {
  readonly #made: Map<number, Share>;

  constructor(x: Share) {
    this.#made = new Map([[1, x]]);
  }

  /** x^exponent. */
  at(ctx: Context, exponent: number): Share {
    const known = this.#made.get(exponent);
    if (known !== undefined) return known;
    let half = 1;
    while (2 * half < exponent) half *= 2;
    const power = mul(ctx, this.at(ctx, half), this.at(ctx, exponent - half));
    this.#made.set(exponent, power);
    return power;
  }
}

/**
 * c_1·x + c_2·x² + … + c_n·x^n, without a constant term.
 *
 * Shape   coefficients: [n], n ≥ 1; result: x's.
 * Scale   twice x's until settled.
 * Cost    ceil(log2 n) rounds of products, n − 1 of them; secret coefficients: one more round and n products.
 * Error   that of the powers, weighted by the coefficients, and 1 ulp a term; public ones keep 16 significant bits each.
 * Leaks   nothing; which public coefficients are 0 is used.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for coefficients that are no list of at least one, ERR_MPC_RANGE for a public one that does not
 * fit.
 */
export function polynomial(ctx: Context, x: Share, coefficients: Operand): Share {
  return series(ctx, x.shape, new Powers(x), terms(coefficients));
}

interface PolynomialSaved {
  readonly powers: Powers;
  readonly coefficients: Operand;
}

/** The record of `polynomial`. */
export const polynomialOp: OpRecord<Operand, void, PolynomialSaved> = {
  name: 'polynomial',
  forward: (ctx, [input, coefficients]) => {
    const x = secret('polynomial', input);
    const powers = new Powers(x);
    const output = series(ctx, x.shape, powers, terms(coefficients));
    return { output, saved: { powers, coefficients } };
  },
  backward: (ctx, { powers, coefficients }, dy, needs) => {
    const list = terms(coefficients);
    const slope = (): Share => {
      const rest = list.slice(1).map((c, i) => times(ctx, c, i + 2));
      const upper = rest.length === 0 ? null : series(ctx, dy.shape, powers, rest);
      return upper === null ? mul(ctx, dy, list[0]) : mul(ctx, dy, add(ctx, upper, list[0]));
    };
    const flat = (share: Share): Share => reshape(ctx, share, [-1]);
    return [
      needs[0] ? slope() : null,
      needs[1]
        ? stack(
            ctx,
            list.map((_, i) => matmul(ctx, flat(dy), flat(powers.at(ctx, i + 1)))),
          )
        : null,
    ];
  },
};

/** Σ c_k·x^k, k from 1; public zeros cost nothing. */
function series(
  ctx: Context,
  shape: readonly number[],
  powers: Powers,
  coefficients: readonly Operand[],
): Share {
  let sum: Share | undefined;
  coefficients.forEach((c, i) => {
    if (!isShare(c) && c.data[0] === 0) return;
    const term = mul(ctx, powers.at(ctx, i + 1), c);
    sum = sum === undefined ? term : add(ctx, sum, term);
  });
  return sum ?? constant(ctx, 'polynomial', shape, 0);
}

/** The coefficients one by one, 0-d each. */
function terms(coefficients: Operand): readonly Operand[] {
  if (coefficients.shape.length !== 1 || coefficients.shape[0] === 0) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `polynomial: expected a list of coefficients from degree 1 up, got shape ${showShape(coefficients.shape)}`,
    );
  }
  if (!isShare(coefficients)) return [...coefficients.data].map(plainScalar);
  return Array.from({ length: coefficients.shape[0] }, (_, i) => index(coefficients, [i]));
}

function times(ctx: Context, c: Operand, factor: number): Operand {
  return isShare(c) ? scale(ctx, 'polynomial', c, factor) : plainScalar(c.data[0] * factor);
}
